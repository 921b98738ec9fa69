//! Server layers on an axum router.

mod operation;
mod ours;
pub(crate) mod peers;
pub(crate) mod pipeline;
pub(crate) mod reference;

use crate::harness::{Case, Comparison};

/// What a layer is asked to do with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Job {
    Metrics,
    Unsampled,
    Recorded,
    Batched,
}

impl Job {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Metrics => "metrics",
            Self::Unsampled => "metrics, unsampled parent",
            Self::Recorded => "metrics, span, dropped at its end",
            Self::Batched => "metrics, span, stock batch processor",
        }
    }

    pub(crate) const fn traceparent(self) -> &'static str {
        match self {
            Self::Unsampled => "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00",
            _ => "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        }
    }

    /// Whether as many spans came out as the job asks for. A full queue of the batch processor
    /// loses some.
    pub(crate) fn is_done(self, spans: u64, requests: u64) -> bool {
        match self {
            Self::Metrics | Self::Unsampled => spans == 0,
            Self::Recorded => spans == requests,
            Self::Batched => spans > 0,
        }
    }
}

pub(crate) fn comparison() -> Comparison {
    let mut cases = vec![reference::case()];
    cases.extend(ours::metrics());
    cases.extend(peers::metrics());
    for job in [Job::Unsampled, Job::Recorded, Job::Batched] {
        cases.extend(ours::traced(job));
        cases.extend(peers::traced(job));
    }
    Comparison {
        name: "http",
        operation: "one GET /users/{id} with six headers through an axum router, body drained",
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
