//! Scrapes: what is written, in which format, and in how much memory.

mod exemplars;
mod expositions;
mod golden;
mod negotiation;
mod parser;
mod service;
mod streaming;
mod values;
