//! The references: a layer that wraps the response body and does nothing else, and none at all.

use tower::Layer;

use super::operation::{measure, service};
use crate::harness::Case;
use crate::http::Job;
use crate::http::pipeline::Spans;
use crate::http::reference::WrapsTheBody;

pub(super) fn wrapping() -> Case {
    Case::new("reference", "a layer that wraps the body", |meter| {
        let spans = Spans::of(Job::Metrics);
        measure(meter, Job::Metrics, WrapsTheBody.layer(service()), &spans);
    })
}

pub(super) fn bare() -> Case {
    Case::new("no layer", "bare tonic", |meter| {
        let spans = Spans::of(Job::Metrics);
        measure(meter, Job::Metrics, service(), &spans);
    })
}
