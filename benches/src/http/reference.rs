//! The reference: a layer that wraps the response body and does nothing else.
//!
//! axum boxes the body that any layer puts in place of its own, so this is what a layer costs that
//! watches a response to its end and has nothing to do.

use std::pin::Pin;
use std::task::{Context, Poll};

use http::{Request, Response};
use http_body::{Body, Frame, SizeHint};
use tower::{Layer, Service};

use super::Job;
use super::operation::{measure, router};
use super::pipeline::Spans;
use crate::harness::Case;

pub(super) fn case() -> Case {
    Case::new("reference", "a layer that wraps the body", |meter| {
        let spans = Spans::of(Job::Metrics);
        measure(meter, Job::Metrics, router().layer(WrapsTheBody), &spans);
    })
}

#[derive(Clone, Copy)]
pub(crate) struct WrapsTheBody;

#[derive(Clone)]
pub(crate) struct Wrapping<S> {
    inner: S,
}

impl<S> Layer<S> for WrapsTheBody {
    type Service = Wrapping<S>;

    fn layer(&self, inner: S) -> Wrapping<S> {
        Wrapping { inner }
    }
}

impl<S, A, B> Service<Request<A>> for Wrapping<S>
where
    S: Service<Request<A>, Response = Response<B>>,
{
    type Response = Response<Wrapped<B>>;
    type Error = S::Error;
    type Future = WrappingFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<A>) -> Self::Future {
        WrappingFuture {
            inner: self.inner.call(request),
        }
    }
}

pin_project_lite::pin_project! {
    pub(crate) struct WrappingFuture<F> {
        #[pin]
        inner: F,
    }
}

impl<F, B, E> Future for WrappingFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = Result<Response<Wrapped<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let response = self.project().inner.poll(cx);
        response.map_ok(|response| response.map(|inner| Wrapped { inner }))
    }
}

pin_project_lite::pin_project! {
    pub(crate) struct Wrapped<B> {
        #[pin]
        inner: B,
    }
}

impl<B: Body> Body for Wrapped<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        self.project().inner.poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
