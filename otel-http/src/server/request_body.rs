//! Counting the bodies of requests.
//!
//! A layer of its own, because it changes the type of the body the service sees: only those pay for
//! it who ask.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Buf;
use http::Request;
use http_body::{Body, Frame, SizeHint};
use otel_core::exchange::ExchangeHandle;
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

/// Counts the bytes that are read of each request's body.
///
/// Put it inside an [`HttpServerLayer`](super::HttpServerLayer) that was built
/// [`with_handle`](super::HttpServerBuilder::with_handle) and
/// [`with_body_sizes`](super::HttpServerBuilder::with_body_sizes). A body that is left unread counts
/// as far as it was read.
#[derive(Clone, Copy, Debug, Default)]
#[expect(
    clippy::exhaustive_structs,
    reason = "a unit struct users name as a value"
)]
pub struct RequestBodyLayer;

impl<S> Layer<S> for RequestBodyLayer {
    type Service = CountsRequestBody<S>;

    fn layer(&self, inner: S) -> Self::Service {
        CountsRequestBody { inner }
    }
}

/// A service whose requests are counted. Made by [`RequestBodyLayer`].
#[derive(Clone, Debug)]
pub struct CountsRequestBody<S> {
    inner: S,
}

impl<S, B> Service<Request<B>> for CountsRequestBody<S>
where
    S: Service<Request<CountedBody<B>>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> S::Future {
        let handle = request.extensions().get::<ExchangeHandle>().cloned();
        if let Some(handle) = &handle {
            handle.add_received(0);
        }
        self.inner
            .call(request.map(|inner| CountedBody { inner, handle }))
    }
}

pin_project! {
    /// A body whose bytes are counted as they are read.
    #[derive(Debug)]
    pub struct CountedBody<B> {
        #[pin]
        inner: B,
        handle: Option<ExchangeHandle>,
    }
}

impl<B: Body> Body for CountedBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let this = self.project();
        let polled = ready!(this.inner.poll_frame(cx));
        if let (Some(handle), Some(Ok(frame))) = (this.handle, &polled)
            && let Some(data) = frame.data_ref()
        {
            handle.add_received(u64::try_from(data.remaining()).unwrap_or(u64::MAX));
        }
        Poll::Ready(polled)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl<B: Default> Default for CountedBody<B> {
    fn default() -> Self {
        Self {
            inner: B::default(),
            handle: None,
        }
    }
}
