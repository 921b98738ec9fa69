//! Scrapes: what is written, in which format, and in how much memory.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod exemplars;
mod expositions;
mod golden;
mod negotiation;
mod parser;
mod service;
mod streaming;
mod values;
