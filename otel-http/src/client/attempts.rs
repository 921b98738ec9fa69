//! How often a request has been sent.
//!
//! A retry and a redirect are spans of their own, and the conventions number them. The layer that
//! opens the spans is below the one that repeats, so the number has to travel with the request.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll};

use http::Request;
use tower_layer::Layer;
use tower_service::Service;

/// A request extension that counts the times a request is sent. Clones are the same count.
#[derive(Clone, Debug, Default)]
pub struct Attempts(Arc<AtomicU32>);

impl Attempts {
    /// A count for a request that has not been sent.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How often it has been sent.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }

    /// Counts one more, and says how many there were before it.
    pub(super) fn begin(&self) -> u32 {
        self.0.fetch_add(1, Ordering::Relaxed)
    }
}

/// Gives each request its [`Attempts`]: put it above retries and redirects, and an
/// [`HttpClientLayer`](super::HttpClientLayer) below them.
///
/// What repeats the request must keep its extensions, as cloning it does.
#[derive(Clone, Copy, Debug, Default)]
#[expect(
    clippy::exhaustive_structs,
    reason = "a unit struct users name as a value"
)]
pub struct AttemptsLayer;

impl<S> Layer<S> for AttemptsLayer {
    type Service = CountsAttempts<S>;

    fn layer(&self, inner: S) -> Self::Service {
        CountsAttempts { inner }
    }
}

/// A client whose requests carry their count. Made by [`AttemptsLayer`].
#[derive(Clone, Debug)]
pub struct CountsAttempts<S> {
    inner: S,
}

impl<S, B> Service<Request<B>> for CountsAttempts<S>
where
    S: Service<Request<B>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> S::Future {
        request.extensions_mut().insert(Attempts::new());
        self.inner.call(request)
    }
}
