//! Server layers around a generated tonic service.

mod operation;
mod ours;
mod peers;
mod reference;

use crate::harness::{Case, Comparison};
use crate::http::Job;

pub(crate) fn comparison() -> Comparison {
    let mut cases = vec![reference::wrapping(), reference::bare()];
    cases.extend(ours::metrics());
    for job in [Job::Unsampled, Job::Recorded, Job::Batched] {
        cases.extend(ours::traced(job));
        cases.extend(peers::traced(job));
    }
    Comparison {
        name: "grpc",
        operation: "one unary call with five headers to a tonic service, body and trailers drained",
        parts: 1,
        has_reference: true,
        counted: 2_000,
        cases,
    }
}

fn case(
    job: Job,
    name: &'static str,
    measure: impl Fn(&mut crate::harness::Meter) + 'static,
) -> Case {
    Case::new(job.name(), name, measure)
}
