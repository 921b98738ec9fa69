//! The service: one exchange for each call.

use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use otel_core::exchange::{Exchange, ExchangeContext};
use otel_core::identity::Sender;
use otel_core::opentelemetry::baggage::BaggageExt;
use otel_core::opentelemetry::trace::TraceContextExt;
use otel_core::opentelemetry::{Context as TelemetryContext, KeyValue};
use otel_core::propagation::Caller;
use otel_core::semconv;
use tower_service::Service;

use super::builder::Config;
use crate::body::GrpcBody;
use crate::call::GrpcCall;
use crate::deadline::timeout_of;
use crate::followed::Followed;
use crate::future::GrpcFuture;
use crate::method::{Protocol, method_of, original};
use crate::operation::VARIANT;
use crate::request::{AsSent, BodyWatch, RequestBodies};
use crate::tracking::Tracking;

/// A service whose calls are exchanges. Made by [`GrpcServerLayer`](super::GrpcServerLayer).
#[derive(Clone, Debug)]
pub struct GrpcServer<S, R = AsSent> {
    inner: S,
    config: Arc<Config>,
    requests: R,
}

impl<S, R> GrpcServer<S, R> {
    pub(super) const fn new(inner: S, config: Arc<Config>, requests: R) -> Self {
        Self {
            inner,
            config,
            requests,
        }
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

impl<S, R, A, B> Service<Request<A>> for GrpcServer<S, R>
where
    R: RequestBodies<A>,
    S: Service<Request<R::Body>, Response = Response<B>, Error: 'static>,
    B: Body<Data = Bytes>,
{
    type Response = Response<GrpcBody<B>>;
    type Error = S::Error;
    type Future = GrpcFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<A>) -> Self::Future {
        let config = &*self.config;
        let protocol = Protocol::of(&request);
        let is_nested = is_nested();
        if !config.follows(protocol) || is_nested {
            if is_nested && !is_identified() {
                let _ = identify(config, &mut request);
            }
            let request = request.map(|body| self.requests.pass(body, None));
            return GrpcFuture::new(self.inner.call(request), Tracking::Untracked);
        }
        if let Some(arrivals) = &config.arrivals {
            let method = config.method_label(request.uri().path());
            arrivals.admitted.add(&[(semconv::RPC_METHOD, method)], 1);
        }
        // Of a call that is left out, too: what it says of its caller is believed by what is inside.
        let identity = identify(config, &mut request);
        if config.common.filter.leaves_out(request.uri().path()) {
            let has_context = config.common.instrumentation.signals().context();
            let mut tracking = match has_context {
                true => Tracking::Passing(around(config, &request)),
                false => Tracking::Untracked,
            };
            let request = request.map(|body| self.requests.pass(body, None));
            let future = tracking.scope(|| self.inner.call(request));
            return GrpcFuture::new(future, tracking);
        }
        let mut exchange = open(config, &request, identity);
        let call = config.common.call(R::COUNTS, None);
        if let Some(call) = &call {
            call.enter(exchange.context());
            exchange.keep(Arc::clone(call) as _);
            let handle = GrpcCall::new(Arc::clone(call));
            request.extensions_mut().insert(handle);
        }
        let is_web = protocol == Some(Protocol::Web);
        let watch = call.as_ref().map(BodyWatch::at_server);
        let request = request.map(|body| self.requests.pass(body, watch));
        let future = exchange.scope(|| self.inner.call(request));
        let plan = config.common.plan.as_ref();
        let followed = Followed::new(exchange, plan, call, is_web);
        GrpcFuture::new(future, Tracking::Followed(followed))
    }
}

/// Whether an outer layer of the suite has this request already: one exchange, one count.
fn is_nested() -> bool {
    TelemetryContext::map_current(|cx| {
        ExchangeContext::of(cx).is_some_and(|outer| outer.is_directly_around(cx))
    })
}

/// Whether that layer has found out who sent it, and taken away what is not to be believed.
fn is_identified() -> bool {
    TelemetryContext::map_current(|cx| {
        ExchangeContext::of(cx).is_some_and(|outer| outer.identity().is_some())
    })
}

/// The context of a call that is left out: its caller's, so that nothing in it is an orphan.
fn around<A>(config: &Config, request: &Request<A>) -> TelemetryContext {
    let telemetry = config.common.instrumentation.telemetry();
    let arrival = telemetry.arrive(&caller_of(request));
    let mut cx = TelemetryContext::current();
    if let Some(baggage) = arrival.extracted().baggage() {
        cx = cx.with_baggage(baggage.to_otel());
    }
    match arrival.parent() {
        Some(parent) => cx.with_remote_span_context(parent.clone()),
        None => cx,
    }
}

/// What a boundary is told of who made a call.
fn caller_of<A>(request: &Request<A>) -> Caller<'_> {
    Caller::new(request.headers())
        .with_extensions(request.extensions())
        .with_path(request.uri().path())
}

/// Finds out who made a call, if the layer was told to, and takes away what is not to be believed.
fn identify<A>(config: &Config, request: &mut Request<A>) -> Option<Sender> {
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
fn open<A>(config: &Config, request: &Request<A>, identity: Option<Sender>) -> Exchange {
    let common = &config.common;
    let instrumentation = &common.instrumentation;
    let path = request.uri().path();
    // What is known was well-formed when it was met.
    let known = path
        .strip_prefix('/')
        .filter(|method| !method.is_empty())
        .and_then(|method| instrumentation.known_operation(VARIANT, method));
    let method = match &known {
        Some(known) => Some(known.name()),
        None => method_of(path),
    };
    let unproven = method.filter(|_| known.is_none());
    let operation = known.unwrap_or_else(|| instrumentation.operation(VARIANT, ""));
    if let Some(native) = &common.native {
        native.start(operation.name());
    }
    let mut opening = Exchange::open(instrumentation, operation);
    if instrumentation.signals().context() {
        let standing = identity.as_ref().map(Sender::standing);
        let caller = caller_of(request).with_standing(standing);
        opening = opening.arriving(instrumentation.telemetry().arrive(&caller));
    }
    if !common.has_span(method) {
        opening = opening.without_span();
    }
    let timeout = match (timeout_of(request.headers()), config.timeout) {
        (Some(caller), Some(server)) => Some(caller.min(server)),
        (caller, server) => caller.or(server),
    };
    let opening = opening.with_timeout(timeout).with_identity(identity);
    let mut exchange = opening.start(|attributes| {
        let is_original = method.is_none() || (unproven.is_some() && !config.learns);
        if is_original {
            attributes.push(KeyValue::new(semconv::RPC_METHOD_ORIGINAL, original(path)));
        }
        attributes.extend(common.request_metadata.attributes(request.headers()));
        let Some(authority) = request.uri().authority() else {
            return;
        };
        attributes.push(KeyValue::new(
            semconv::SERVER_ADDRESS,
            config.hosts.value(authority.host()),
        ));
        if let Some(port) = authority.port_u16() {
            attributes.push(KeyValue::new(semconv::SERVER_PORT, i64::from(port)));
        }
    });
    if let Some(method) = unproven.filter(|_| config.learns) {
        exchange.claim(semconv::RPC_METHOD_ORIGINAL, method);
    }
    exchange
}
