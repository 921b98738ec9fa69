//! A strict reader of OpenMetrics 1.0 text that says what is wrong, and where.
//!
//! Prometheus takes much that other readers refuse: interleaved families, series given twice, a
//! counter without `_total`. A scrape that stays up is therefore no proof. [`lint`] holds a text
//! against every MUST of the format that one exposition can show, so that a service can test its own.
//!
//! Invariant: it shares nothing with the writer in [`exposition`](crate::exposition), and reads each
//! line once, in memory that grows with the names and series of the text.

mod family;
mod finding;
mod histogram;
mod kind;
mod line;
mod lint;
mod number;

pub use finding::{Finding, Rule};
pub use lint::{Summary, lint};
