//! Scrapes over HTTP.
//!
//! The answer begins at once and never fails: collecting the registry takes no lock that a measurement
//! would wait for, and formatting and compressing are left to the [`MetricsBody`], which does a bounded
//! piece of work each time it is polled. A scrape that cannot be finished in time ends in an error and
//! never in an exposition that looks complete.

mod body;
mod builder;
mod cardinality;
mod deadline;
mod error;
mod gzip;
#[expect(
    clippy::module_inception,
    reason = "the file is named for the type in it"
)]
mod service;

pub use body::MetricsBody;
pub use builder::MetricsServiceBuilder;
pub use cardinality::CardinalityService;
pub use error::ScrapeError;
pub use service::MetricsService;
