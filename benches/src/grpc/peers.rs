//! The layers of others. Neither records metrics, and both take the status from the head.

use std::fmt::Debug;

use bytes::Bytes;
use http::Request;
use tonic::body::Body;
use tonic_tracing_opentelemetry::middleware::server::OtelGrpcLayer;
use tower::{Layer, Service};
use tracing::Level;

use super::case;
use super::operation::{measure, service};
use crate::harness::{Case, Meter};
use crate::http::Job;
use crate::http::peers::into_tracing;
use crate::http::pipeline::Spans;

pub(super) fn traced(job: Job) -> Vec<Case> {
    vec![
        case(
            job,
            "tonic-tracing-opentelemetry, no metrics",
            move |meter| {
                through_tracing(meter, job, || OtelGrpcLayer::default().layer(service()));
            },
        ),
        case(job, "tower-otel, no metrics", move |meter| {
            through_tracing(meter, job, || {
                tower_otel::trace::GrpcLayer::server(Level::INFO).layer(service())
            });
        }),
    ]
}

fn through_tracing<S, B>(meter: &mut Meter, job: Job, layered: impl FnOnce() -> S)
where
    S: Service<Request<Body>, Response = http::Response<B>, Error: Debug> + Clone,
    B: http_body::Body<Data = Bytes, Error: Debug>,
{
    let spans = Spans::of(job);
    into_tracing(&spans);
    measure(meter, job, layered(), &spans);
}
