//! The service: one exchange for each call.

use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use http_body::Body;
use otel_core::exchange::{Exchange, ExchangeBody, ExchangeFuture};
use otel_core::identity::Arrival;
use otel_core::opentelemetry::KeyValue;
use otel_core::propagation::Caller;
use otel_core::semconv;
use tower_service::Service;

use super::builder::Config;
use crate::deadline::timeout_of;
use crate::head::GrpcHead;
use crate::method::{is_grpc, method_of, original};
use crate::operation::VARIANT;

/// A service whose calls are exchanges. Made by [`GrpcServerLayer`](super::GrpcServerLayer).
#[derive(Clone, Debug)]
pub struct GrpcServer<S> {
    inner: S,
    config: Arc<Config>,
}

impl<S> GrpcServer<S> {
    pub(super) const fn new(inner: S, config: Arc<Config>) -> Self {
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

impl<S, A, B> Service<Request<A>> for GrpcServer<S>
where
    S: Service<Request<A>, Response = Response<B>, Error: 'static>,
    B: Body,
{
    type Response = Response<ExchangeBody<B>>;
    type Error = S::Error;
    type Future = ExchangeFuture<S::Future, GrpcHead>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<A>) -> Self::Future {
        if !is_grpc(&request) {
            return ExchangeFuture::untracked(self.inner.call(request));
        }
        let identity = identify(&self.config, &mut request);
        let mut exchange = open(&self.config, &request, identity);
        let future = exchange.scope(|| self.inner.call(request));
        ExchangeFuture::new(future, exchange, GrpcHead)
    }
}

/// Finds out who made a call, if the layer was told to, and takes away what is not to be believed.
fn identify<A>(config: &Config, request: &mut Request<A>) -> Option<Arrival> {
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

/// Starts the exchange of a call. A method the server has not proven to have stays nameless, so
/// that a caller cannot make series of methods it thinks of.
fn open<A>(config: &Config, request: &Request<A>, identity: Option<Arrival>) -> Exchange {
    let instrumentation = &config.instrumentation;
    let path = request.uri().path();
    let method = method_of(path);
    let known = method.and_then(|method| instrumentation.known_operation(VARIANT, method));
    let unproven = method.filter(|_| known.is_none());
    let operation = known.unwrap_or_else(|| instrumentation.operation(VARIANT, ""));
    let mut opening = Exchange::open(instrumentation, operation);
    if instrumentation.signals().context() {
        let caller = Caller::new(request.headers())
            .with_extensions(request.extensions())
            .with_path(path);
        opening = opening.arriving(instrumentation.telemetry().arrive(&caller));
    }
    let timeout = match (timeout_of(request.headers()), config.timeout) {
        (Some(caller), Some(server)) => Some(caller.min(server)),
        (caller, server) => caller.or(server),
    };
    let opening = opening.with_timeout(timeout).with_identity(identity);
    let mut exchange = opening.start(|attributes| {
        if method.is_none() {
            attributes.push(KeyValue::new(semconv::RPC_METHOD_ORIGINAL, original(path)));
        }
        let Some(authority) = request.uri().authority() else {
            return;
        };
        attributes.push(KeyValue::new(
            semconv::SERVER_ADDRESS,
            authority.host().to_owned(),
        ));
        if let Some(port) = authority.port_u16() {
            attributes.push(KeyValue::new(semconv::SERVER_PORT, i64::from(port)));
        }
    });
    if let Some(method) = unproven {
        exchange.claim(semconv::RPC_METHOD_ORIGINAL, method);
    }
    exchange
}
