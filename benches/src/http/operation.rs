//! One request, as a server drives it: built, routed, answered, its body drained.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use http::Request;
use http_body_util::BodyExt;
use tower::ServiceExt;

use super::Job;
use super::pipeline::Spans;
use crate::harness::Meter;

/// The router all layers are put on.
pub(super) fn router() -> Router {
    Router::new().route("/users/{id}", get(async || "ok"))
}

/// Measures requests of `job` to a router, and that they produced the spans of that job.
pub(super) fn measure(meter: &mut Meter, job: Job, router: Router, spans: &Spans) {
    // As `axum::serve` does; without it each request would build the layers anew.
    let router = router.with_state(());
    let requests = meter.run(|| request(&router, job.traceparent()));
    let made = spans.finish();
    assert!(
        job.is_done(made, requests),
        "{made} spans of {requests} requests do not do the job {job:?}"
    );
    meter.output(made, requests);
}

fn request(router: &Router, traceparent: &'static str) {
    let request = Request::get("/users/42")
        .header("host", "shop.example")
        .header("user-agent", "curl/8.5.0")
        .header("accept", "*/*")
        .header("accept-encoding", "gzip")
        .header("x-request-id", "7b0c1f4e")
        .header("traceparent", traceparent)
        .body(Body::empty())
        .expect("a valid request");
    // The adapter of hyper clones the service for each request.
    let response = ready(router.clone().oneshot(request)).expect("a router answers");
    assert!(response.status().is_success());
    let body = ready(response.into_body().collect()).expect("the body is whole");
    assert_eq!(body.to_bytes().as_ref(), b"ok");
}

/// The result of a future that waits for nothing.
fn ready<F: Future>(future: F) -> F::Output {
    let mut context = Context::from_waker(Waker::noop());
    match pin!(future).poll(&mut context) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("nothing in here waits"),
    }
}
