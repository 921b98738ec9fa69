//! The service: one exchange and one set of context headers for each call.

use std::fmt::Write;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response, Version};
use http_body::Body;
use otel_core::exchange::{Exchange, ExchangeBody, ExchangeFuture, ExchangeHandle};
use otel_core::opentelemetry::Context as TelemetryContext;
use tower_service::Service;

use super::attributes::push;
use super::builder::Config;
use super::head::ClientHead;
use super::{Attempts, UrlTemplate};
use crate::attributes::{Scheme, authority, split};
use crate::deadline::Deadline;
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
    S: Service<Request<A>, Response = Response<B>, Error: 'static>,
    B: Body,
{
    type Response = Response<ExchangeBody<B>>;
    type Error = S::Error;
    type Future = ExchangeFuture<S::Future, ClientHead>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<A>) -> Self::Future {
        let config = &self.config;
        if !is_ours(config, RequestHead::of(&request)) {
            return ExchangeFuture::untracked(self.inner.call(request));
        }
        let (mut exchange, kind, host) = open(config, RequestHead::of(&request), request.version());
        let telemetry = exchange.instrumentation().telemetry();
        let host = (!host.is_empty()).then_some(host.as_str());
        telemetry.inject_to(host, exchange.context(), request.headers_mut());
        // A request that is passed on still has the handle of the exchange that received it.
        request.extensions_mut().remove::<ExchangeHandle>();
        if config.marks {
            request.extensions_mut().insert(Counted);
        }
        let on_head = ClientHead::new(kind, Arc::clone(config));
        let future = exchange.scope(|| self.inner.call(request));
        ExchangeFuture::new(future, exchange, on_head)
    }
}

/// A request extension of a request that a client layer above counts.
#[derive(Clone, Copy)]
struct Counted;

/// Whether a request is to be counted here. One that is sent by telemetry is not to be touched.
fn is_ours(config: &Config, head: RequestHead<'_>) -> bool {
    !config.instrumentation.signals().is_none()
        && !TelemetryContext::is_current_telemetry_suppressed()
        && head.extensions().get::<Counted>().is_none()
}

/// Starts the exchange of a request, and says to which host it goes, `""` if to none in particular.
fn open(config: &Config, head: RequestHead<'_>, version: Version) -> (Exchange, Kind, String) {
    let scheme = Scheme::of(head.uri(), None, Scheme::Http);
    let kind = Kind::new(&config.methods, head.method(), scheme, version);
    let mut target = String::new();
    let mut host_length = 0;
    // Writing to a string cannot fail.
    if let Some((address, port)) = authority(head.uri(), head.headers()).and_then(split) {
        let port = port.unwrap_or(kind.scheme().default_port());
        let _ = write!(target, "{address}:{port}");
        host_length = address.len();
    }
    let extensions = head.extensions();
    if let Some(template) = extensions.get::<UrlTemplate>() {
        let _ = write!(target, " {}", template.as_str());
    }
    let resent = extensions.get::<Attempts>().map_or(0, Attempts::begin);
    let deadline = extensions.get::<Deadline>();
    let operation = config
        .instrumentation
        .operation(kind.variant_without_version(), &target);
    let exchange = Exchange::open(&config.instrumentation, operation)
        .with_deadline(deadline.map(|deadline| deadline.at()))
        .with_timeout(config.timeout)
        .start(|attributes| push(attributes, head, kind, resent, config));
    target.truncate(host_length);
    (exchange, kind, target)
}
