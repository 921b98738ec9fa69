//! The service: one exchange and one set of context headers for each call.

use std::fmt::Write;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use http_body::Body;
use otel_core::exchange::{Exchange, ExchangeBody, ExchangeFuture};
use tower_service::Service;

use super::attributes::push;
use super::builder::Config;
use super::head::ClientEnd;
use crate::attributes::{Scheme, authority, split};
use crate::operation::Kind;
use crate::route::RequestHead;

/// A client whose requests are exchanges. Made by [`HttpClientLayer`](super::HttpClientLayer).
#[derive(Clone, Debug)]
pub struct HttpClient<S> {
    inner: S,
    config: Arc<Config>,
}

impl<S> HttpClient<S> {
    pub(super) const fn new(inner: S, config: Arc<Config>) -> Self {
        Self { inner, config }
    }

    /// The wrapped client.
    #[must_use]
    pub const fn get_ref(&self) -> &S {
        &self.inner
    }

    /// The wrapped client.
    #[must_use]
    pub const fn get_mut(&mut self) -> &mut S {
        &mut self.inner
    }

    /// Unwraps the client.
    #[must_use]
    pub fn into_inner(self) -> S {
        self.inner
    }
}

impl<S, A, B> Service<Request<A>> for HttpClient<S>
where
    S: Service<Request<A>, Response = Response<B>>,
    B: Body,
{
    type Response = Response<ExchangeBody<B>>;
    type Error = S::Error;
    type Future = ExchangeFuture<S::Future, ClientEnd>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<A>) -> Self::Future {
        let (mut exchange, target) =
            open(&self.config, RequestHead::of(&request), request.version());
        let telemetry = exchange.instrumentation().telemetry();
        let host = target.rsplit_once(':').map(|(host, _port)| host);
        telemetry.inject_to(host, exchange.context(), request.headers_mut());
        let future = exchange.scope(|| self.inner.call(request));
        ExchangeFuture::new(future, exchange, self.config.end)
    }
}

/// Starts the exchange of a request, and says where it goes: `host:port`, or nothing.
fn open(config: &Config, head: RequestHead<'_>, version: http::Version) -> (Exchange, String) {
    let kind = Kind::new(head.method(), Scheme::of(head.uri(), Scheme::Http), version);
    let mut target = String::new();
    if let Some((address, port)) = authority(head.uri(), head.headers()).and_then(split) {
        let port = port.unwrap_or(kind.scheme().default_port());
        // Writing to a string cannot fail.
        let _ = write!(target, "{address}:{port}");
    }
    let operation = config.instrumentation.operation(kind.variant(), &target);
    let exchange = Exchange::open(&config.instrumentation, operation)
        .start(|attributes| push(attributes, head, kind));
    (exchange, target)
}
