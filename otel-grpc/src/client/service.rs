//! The service: one exchange and one set of context headers for each call.

use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use otel_core::exchange::{Covered, Exchange};
use otel_core::opentelemetry::trace::TraceContextExt;
use otel_core::opentelemetry::{Context as TelemetryContext, KeyValue};
use otel_core::semconv;
use tower_service::Service;

use super::builder::Config;
use crate::attempts::{Attempt, Attempts};
use crate::body::GrpcBody;
use crate::deadline::timeout_of;
use crate::followed::Followed;
use crate::future::GrpcFuture;
use crate::method::{method_of, original};
use crate::operation::{NAMELESS, VARIANT};
use crate::request::{AsSent, BodyWatch, RequestBodies};
use crate::tracking::Tracking;
use crate::watch::Watch;

/// A client whose calls are exchanges. Made by [`GrpcClientLayer`](super::GrpcClientLayer).
#[derive(Clone, Debug)]
pub struct GrpcClient<S, R = AsSent> {
    inner: S,
    config: Arc<Config>,
    requests: R,
}

impl<S, R> GrpcClient<S, R> {
    pub(super) const fn new(inner: S, config: Arc<Config>, requests: R) -> Self {
        Self {
            inner,
            config,
            requests,
        }
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

impl<S, R, A, B> Service<Request<A>> for GrpcClient<S, R>
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
        let common = &self.config.common;
        let is_first = Covered::cover(request.extensions_mut());
        let is_left_out = common.filter.leaves_out(request.uri().path());
        if !is_first || is_left_out {
            if is_first && common.instrumentation.signals().context() {
                let cx = TelemetryContext::current();
                inject(&self.config, &cx, &mut request);
            }
            let request = request.map(|body| self.requests.pass(body, None));
            return GrpcFuture::new(self.inner.call(request), Tracking::Untracked);
        }
        let attempt = request
            .extensions()
            .get::<Attempts>()
            .map(|attempts| attempts.begin(common.instrumentation.telemetry().clock().now()));
        let mut exchange = open(&self.config, &request, attempt.as_ref());
        let call = common.call(R::COUNTS, attempt);
        if let Some(call) = &call {
            call.enter(exchange.context());
            exchange.keep(Arc::clone(call) as _);
        }
        inject(&self.config, exchange.context(), &mut request);
        let has_context = common.instrumentation.signals().context();
        let watch = call.as_ref().map(|call| {
            let cx = has_context.then(|| exchange.context());
            BodyWatch::at_client(call, cx)
        });
        let request = request.map(|body| self.requests.pass(body, watch));
        let future = exchange.scope(|| self.inner.call(request));
        let plan = common.plan.as_ref();
        let followed = Followed::new(exchange, plan, call, false);
        GrpcFuture::new(future, Tracking::Followed(followed))
    }
}

/// Writes the context of a call into its headers, as far as the callee may have it.
fn inject<A>(config: &Config, cx: &TelemetryContext, request: &mut Request<A>) {
    let telemetry = config.common.instrumentation.telemetry();
    let authority = request.uri().authority().cloned();
    let named = authority.as_ref().map(http::uri::Authority::host);
    telemetry.inject_to(config.host.or(named), cx, request.headers_mut());
}

fn open<A>(config: &Config, request: &Request<A>, attempt: Option<&Attempt>) -> Exchange {
    let common = &config.common;
    let instrumentation = &common.instrumentation;
    let path = request.uri().path();
    // What is known was well-formed when it was met.
    let known = path
        .strip_prefix('/')
        .filter(|method| !method.is_empty())
        .and_then(|method| instrumentation.known_operation(VARIANT, method));
    let (method, operation) = match known {
        Some(known) => (Some(known.name()), known),
        None => {
            let method = method_of(path);
            let name = method.unwrap_or_default();
            (method, instrumentation.operation(VARIANT, name))
        }
    };
    let nameless = operation.name() == NAMELESS;
    if let Some(native) = &common.native {
        native.start(operation.name());
    }
    let watch = request.extensions().get::<Watch>();
    let mut opening = Exchange::open(instrumentation, operation)
        .with_timeout(timeout_of(request.headers()))
        .with_link(watch.and_then(Watch::last));
    if !common.has_span(method) {
        opening = opening.without_span();
    }
    let exchange = opening.start(|attributes| {
        if nameless {
            attributes.push(KeyValue::new(semconv::RPC_METHOD_ORIGINAL, original(path)));
        }
        attributes.extend(common.request_metadata.attributes(request.headers()));
        if let Some(previous) = attempt.map(Attempt::previous).filter(|count| *count > 0) {
            let previous = i64::from(previous);
            attributes.push(KeyValue::new(semconv::GRPC_PREVIOUS_ATTEMPTS, previous));
        }
        if let Some(times) = watch.map(Watch::times_opened).filter(|times| *times > 0) {
            attributes.push(KeyValue::new(semconv::EXCHANGE_REOPENED, i64::from(times)));
        }
    });
    if let Some(watch) = watch {
        watch.opened(exchange.context().span().span_context());
    }
    exchange
}
