//! The service: one exchange for each call.

use std::sync::Arc;
use std::task::{Context, Poll};

use http::header::CONTENT_TYPE;
use http::{Method, Request, Response};
use http_body::Body;
use otel_core::exchange::{
    Exchange, ExchangeBody, ExchangeContext, ExchangeFuture, ExchangeHandle, Opening,
};
use otel_core::identity;
use otel_core::opentelemetry::Context as TelemetryContext;
use otel_core::propagation::Caller;
use tower_service::Service;

use super::attributes::{Sender, push};
use super::builder::Config;
use super::head::ServerHead;
use crate::attributes::{Forwarded, Scheme};
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
    S: Service<Request<A>, Response = Response<B>, Error: 'static>,
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
        let config = &*self.config;
        let is_counted = is_counted(config, RequestHead::of(&request));
        // What a request says of its sender is settled even where nothing is counted: whoever is
        // inside would believe it.
        let is_met = is_counted || config.identify.is_some();
        if !is_met || is_nested(&config.route, RequestHead::of(&request)) {
            return ExchangeFuture::untracked(self.inner.call(request));
        }
        let identity = identify(config, &mut request);
        let (head, version) = (RequestHead::of(&request), request.version());
        let opened = is_counted.then(|| open(config, head, version, identity));
        let Some(mut exchange) = opened.flatten() else {
            return ExchangeFuture::untracked(self.inner.call(request));
        };
        let on_head = ServerHead::of(&request, config.response.as_ref());
        if config.settings.has_handle {
            request.extensions_mut().insert(exchange.handle());
        }
        let future = exchange.scope(|| self.inner.call(request));
        ExchangeFuture::new(future, exchange, on_head)
    }
}

/// Whether a request is to be counted here, unless an outer layer has it already.
fn is_counted<R>(config: &Config<R>, head: RequestHead<'_>) -> bool {
    let settings = &config.settings;
    !config.instrumentation.signals().is_none()
        && settings
            .rollout
            .as_ref()
            .is_none_or(|rollout| rollout.admits(head))
        && (settings.counts_grpc || !is_grpc(head))
}

/// Whether it is a call of gRPC, always a POST, whose layer counts it. gRPC-Web is HTTP.
fn is_grpc(head: RequestHead<'_>) -> bool {
    if head.method() != Method::POST {
        return false;
    }
    let content_type = head.headers().get(CONTENT_TYPE);
    content_type.is_some_and(|content_type| {
        let rest = content_type.as_bytes().strip_prefix(b"application/grpc");
        matches!(rest, Some([] | [b'+' | b';' | b' ', ..]))
    })
}

/// Whether an outer layer of the suite has this request already: one exchange, one count. What
/// this layer knows of the route it tells the outer one.
fn is_nested(source: &impl RouteSource, head: RequestHead<'_>) -> bool {
    if let Some(outer) = head.extensions().get::<ExchangeHandle>() {
        if let Some(route) = source.route(head) {
            outer.set_route(route);
        }
        return true;
    }
    if Exchange::is_nested_in_bare_server() {
        return true;
    }
    TelemetryContext::map_current(|cx| {
        let outer = ExchangeContext::of(cx).filter(|outer| outer.is_directly_around(cx));
        if let (Some(outer), Some(route)) = (outer, source.route(head)) {
            outer.set_route(route);
        }
        outer.is_some()
    })
}

/// Finds out who sent a request, if the layer was told to, and takes away what is not to be believed.
fn identify<R, A>(config: &Config<R>, request: &mut Request<A>) -> Option<identity::Sender> {
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

/// Starts the exchange of a request, unless nothing is to be produced for it.
fn open<R: RouteSource>(
    config: &Config<R>,
    head: RequestHead<'_>,
    version: http::Version,
    identity: Option<identity::Sender>,
) -> Option<Exchange> {
    let instrumentation = &config.instrumentation;
    let settings = &config.settings;
    let route = config.route.route(head);
    let signals = settings.signals(head, route, instrumentation.telemetry());
    let signals = signals.and(instrumentation.signals());
    if signals.is_none() {
        return None;
    }
    let forwarded = match settings.forwarded.is_none() {
        true => Forwarded::default(),
        false => settings.forwarded(head, settings.peer(head)),
    };
    let scheme = Scheme::of(head.uri(), forwarded.scheme, config.scheme);
    let kind = Kind::new(&settings.methods, head.method(), scheme, version);
    let operation = instrumentation.operation(kind.variant(), route.unwrap_or_default());
    let mut opening = Exchange::open(instrumentation, operation).with_signals(signals);
    if signals.context() {
        let standing = identity.as_ref().map(identity::Sender::standing);
        opening = arrive(opening, config, head, standing);
    }
    let deadline = head
        .extensions()
        .get::<Deadline>()
        .map(|deadline| deadline.at());
    let exchange = opening
        .with_deadline(deadline)
        .with_timeout(config.timeout)
        .with_identity(identity)
        .start(|attributes| {
            let peer = settings.peer(head);
            push(attributes, head, kind, Sender { peer, forwarded }, config);
        });
    Some(exchange)
}

/// Reads the caller's context.
fn arrive<'a, R>(
    opening: Opening<'a>,
    config: &Config<R>,
    head: RequestHead<'_>,
    standing: Option<&identity::Standing>,
) -> Opening<'a> {
    let caller = Caller::new(head.headers())
        .with_extensions(head.extensions())
        .with_path(head.uri().path())
        .with_standing(standing);
    opening.arriving(config.instrumentation.telemetry().arrive(&caller))
}
