//! The service: one exchange for each call.

use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use http_body::Body;
use otel_core::exchange::{Exchange, ExchangeBody, ExchangeContext, ExchangeFuture};
use otel_core::identity::Arrival;
use otel_core::opentelemetry::Context as TelemetryContext;
use otel_core::propagation::Caller;
use tower_service::Service;

use super::attributes::push;
use super::builder::Config;
use super::head::ServerHead;
use crate::attributes::Scheme;
use crate::deadline::Deadline;
use crate::operation::Kind;
use crate::route::{NoRoute, RequestHead, RouteSource};

/// A service whose requests are exchanges. Made by [`HttpServerLayer`](super::HttpServerLayer).
#[derive(Debug)]
pub struct HttpServer<S, R = NoRoute> {
    inner: S,
    config: Arc<Config<R>>,
}

impl<S, R> HttpServer<S, R> {
    pub(super) const fn new(inner: S, config: Arc<Config<R>>) -> Self {
        Self { inner, config }
    }

    /// The wrapped service.
    #[must_use]
    pub const fn get_ref(&self) -> &S {
        &self.inner
    }

    /// The wrapped service.
    #[must_use]
    pub const fn get_mut(&mut self) -> &mut S {
        &mut self.inner
    }

    /// Unwraps the service.
    #[must_use]
    pub fn into_inner(self) -> S {
        self.inner
    }
}

impl<S: Clone, R> Clone for HttpServer<S, R> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            config: Arc::clone(&self.config),
        }
    }
}

impl<S, R, A, B> Service<Request<A>> for HttpServer<S, R>
where
    S: Service<Request<A>, Response = Response<B>>,
    B: Body,
    R: RouteSource,
{
    type Response = Response<ExchangeBody<B>>;
    type Error = S::Error;
    type Future = ExchangeFuture<S::Future, ServerHead>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<A>) -> Self::Future {
        let on_head = ServerHead::of(&request);
        if is_nested(&self.config.route, RequestHead::of(&request)) {
            return ExchangeFuture::untracked(self.inner.call(request));
        }
        let identity = identify(&self.config, &mut request);
        let head = RequestHead::of(&request);
        let mut exchange = open(&self.config, head, request.version(), identity);
        let future = exchange.scope(|| self.inner.call(request));
        ExchangeFuture::new(future, exchange, on_head)
    }
}

/// Whether an outer layer of the suite has this request already: one exchange, one count. What
/// this layer knows of the route it tells the outer one.
fn is_nested(source: &impl RouteSource, head: RequestHead<'_>) -> bool {
    TelemetryContext::map_current(|cx| {
        let outer = ExchangeContext::of(cx).filter(|outer| outer.is_directly_around(cx));
        if let (Some(outer), Some(route)) = (outer, source.route(head)) {
            outer.set_route(route);
        }
        outer.is_some()
    })
}

/// Finds out who sent a request, if the layer was told to, and takes away what is not to be believed.
fn identify<R, A>(config: &Config<R>, request: &mut Request<A>) -> Option<Arrival> {
    let identify = config.identify.as_ref()?;
    let arrival = identify.arrive(request.extensions(), request.headers());
    if arrival.is_remarkable() {
        // Both cannot be borrowed of a request at once.
        let mut extensions = std::mem::take(request.extensions_mut());
        identify.settle(&arrival, request.headers_mut(), &mut extensions);
        *request.extensions_mut() = extensions;
    }
    Some(arrival)
}

/// Starts the exchange of a request.
fn open<R: RouteSource>(
    config: &Config<R>,
    head: RequestHead<'_>,
    version: http::Version,
    identity: Option<Arrival>,
) -> Exchange {
    let instrumentation = &config.instrumentation;
    let kind = Kind::new(
        head.method(),
        Scheme::of(head.uri(), config.scheme),
        version,
    );
    let route = config.route.route(head).unwrap_or_default();
    let operation = instrumentation.operation(kind.variant(), route);
    let mut opening = Exchange::open(instrumentation, operation);
    if instrumentation.signals().context() {
        let caller = Caller::new(head.headers())
            .with_extensions(head.extensions())
            .with_path(head.uri().path());
        opening = opening.arriving(instrumentation.telemetry().arrive(&caller));
    }
    let deadline = head
        .extensions()
        .get::<Deadline>()
        .map(|deadline| deadline.at());
    opening
        .with_deadline(deadline)
        .with_timeout(config.timeout)
        .with_identity(identity)
        .start(|attributes| push(attributes, head, kind, &config.hosts))
}
