//! One unary call, as a server drives it: built, decoded, answered, its body drained.

use std::fmt::Debug;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use tonic::body::Body;
use tonic::{Response, Status};
use tonic_health::pb::health_server::{Health, HealthServer};
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};
use tower::{Service, ServiceExt};

use crate::harness::Meter;
use crate::http::Job;
use crate::http::pipeline::Spans;

/// The service all layers are put on.
pub(super) fn service() -> HealthServer<Serving> {
    HealthServer::new(Serving)
}

#[derive(Clone, Copy)]
pub(super) struct Serving;

#[tonic::async_trait]
impl Health for Serving {
    async fn check(
        &self,
        _request: tonic::Request<HealthCheckRequest>,
    ) -> Result<Response<HealthCheckResponse>, Status> {
        Ok(Response::new(HealthCheckResponse::default()))
    }

    type WatchStream = tokio_stream::Empty<Result<HealthCheckResponse, Status>>;

    async fn watch(
        &self,
        _request: tonic::Request<HealthCheckRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        Ok(Response::new(tokio_stream::empty()))
    }
}

/// Measures calls of `job` to a service, and that they produced the spans of that job.
pub(super) fn measure<S, B>(meter: &mut Meter, job: Job, service: S, spans: &Spans)
where
    S: Service<Request<Body>, Response = http::Response<B>, Error: Debug> + Clone,
    B: http_body::Body<Data = Bytes, Error: Debug>,
{
    let calls = meter.run(|| call(&service, job.traceparent()));
    let made = spans.finish();
    assert!(
        job.is_done(made, calls),
        "{made} spans of {calls} calls do not do the job {job:?}"
    );
}

fn call<S, B>(service: &S, traceparent: &'static str)
where
    S: Service<Request<Body>, Response = http::Response<B>, Error: Debug> + Clone,
    B: http_body::Body<Data = Bytes, Error: Debug>,
{
    let request = Request::post("http://shop.example/grpc.health.v1.Health/Check")
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .header("user-agent", "tonic/0.14")
        .header("x-request-id", "7b0c1f4e")
        .header("traceparent", traceparent)
        .body(Body::new(Full::new(Bytes::from_static(b"\0\0\0\0\0"))))
        .expect("a valid request");
    let response = ready(service.clone().oneshot(request)).expect("a service answers");
    let body = ready(response.into_body().collect()).expect("the body is whole");
    assert_eq!(body.trailers().expect("trailers")["grpc-status"], "0");
}

/// The result of a future that waits for nothing.
fn ready<F: Future>(future: F) -> F::Output {
    let mut context = Context::from_waker(Waker::noop());
    match pin!(future).poll(&mut context) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("nothing in here waits"),
    }
}
