//! The verdict on an exchange, apart from recording it.
//!
//! [`Classify`] turns the transport facts of an ended exchange ([`Facts`]) into one
//! [`Judgement`]; span, metric, log line and observers read that value and nothing else, so they
//! cannot disagree.

mod classify;
mod grpc;
mod http;
#[expect(
    clippy::module_inception,
    reason = "the file holds the type the module is named for"
)]
mod outcome;

pub use classify::{Classify, Ending, Facts, Judgement, Side, Status};
pub use grpc::GrpcCode;
pub use outcome::Outcome;
