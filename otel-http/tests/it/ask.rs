//! Asking a service in this process, and what it left behind.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt, Full};
use otel_core::telemetry::Telemetry;
use testkit::{End, Probe, Verdicts};
use tower::{Service, ServiceExt};

pub(crate) type Body = Full<Bytes>;

/// A GET of this path that continues the trace of the probe.
pub(crate) fn get(probe: &Probe, path: &str) -> Request<Body> {
    Request::builder()
        .uri(path)
        .header("host", "shop.example")
        .header("traceparent", probe.traceparent())
        .body(Full::default())
        .unwrap()
}

/// Sends a request to its end and gives the headers and the text of the answer.
pub(crate) async fn answer<S, A, B>(
    service: S,
    request: Request<A>,
) -> (http::response::Parts, String)
where
    S: Service<Request<A>, Response = Response<B>>,
    S::Error: std::fmt::Debug,
    B: http_body::Body,
    B::Error: std::fmt::Debug,
{
    let response = service.oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    (parts, String::from_utf8(bytes.to_vec()).unwrap())
}

/// The same, and what its one exchange left behind.
pub(crate) async fn ask<S, A, B>(
    probe: &mut Probe,
    service: S,
    request: Request<A>,
) -> (HeaderMap, End, Verdicts)
where
    S: Service<Request<A>, Response = Response<B>>,
    S::Error: std::fmt::Debug,
    B: http_body::Body,
    B::Error: std::fmt::Debug,
{
    let (parts, _) = answer(service, request).await;
    let end = probe.next_end().await.expect("an exchange that ended");
    let seen = probe.verdicts(&end);
    assert_eq!(probe.further_ends(), 0, "one exchange, one end");
    (parts.headers, end, seen)
}

/// One sample of a family: its labels and, by kind, its count or value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sample {
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) count: u64,
    pub(crate) sum: f64,
}

/// The samples of a family, which is empty where there is none.
pub(crate) fn samples(telemetry: &Telemetry, family: &str) -> Vec<Sample> {
    let snapshot = telemetry.registry().collect();
    let Some(family) = snapshot.family(family) else {
        return Vec::new();
    };
    family
        .series()
        .map(|series| {
            let value = series.value();
            let histogram = value.as_histogram();
            let counter = value.as_counter();
            Sample {
                labels: series
                    .label_pairs()
                    .map(|(name, value)| (name.to_owned(), value.into_owned()))
                    .collect(),
                count: histogram
                    .as_ref()
                    .map_or(counter.unwrap_or_default(), |value| value.count()),
                sum: histogram
                    .map(|value| value.sum().as_f64())
                    .or(value.as_gauge())
                    .unwrap_or_default(),
            }
        })
        .collect()
}
