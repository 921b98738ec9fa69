//! A small harness: every case in a process of its own, rounds interleaved over the cases.
//!
//! The peers install process-wide subscribers, providers and recorders, so two of them cannot be
//! measured in one process. And a machine shared with other work is slow for seconds at a time:
//! one round of every case, then the next round, spreads that over all rows alike.

mod allocator;
mod callgrind;
mod case;
mod child;
mod meter;
mod options;
mod parent;
mod table;

pub(crate) use allocator::CountsOnDemand;
pub(crate) use case::{Case, Comparison};
pub(crate) use meter::Meter;
pub(crate) use options::Options;
pub(crate) use parent::run;
