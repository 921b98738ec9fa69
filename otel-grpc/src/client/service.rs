//! The service: one exchange and one set of context headers for each call.

use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use http_body::Body;
use otel_core::exchange::{Exchange, ExchangeBody, ExchangeFuture};
use otel_core::opentelemetry::KeyValue;
use otel_core::semconv;
use tower_service::Service;

use super::builder::Config;
use crate::deadline::timeout_of;
use crate::head::GrpcHead;
use crate::method::{method_of, original};
use crate::operation::{NAMELESS, VARIANT};

/// A client whose calls are exchanges. Made by [`GrpcClientLayer`](super::GrpcClientLayer).
#[derive(Clone, Debug)]
pub struct GrpcClient<S> {
    inner: S,
    config: Arc<Config>,
}

impl<S> GrpcClient<S> {
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

impl<S, A, B> Service<Request<A>> for GrpcClient<S>
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
        let instrumentation = &self.config.instrumentation;
        let path = request.uri().path();
        let operation = instrumentation.operation(VARIANT, method_of(path).unwrap_or_default());
        let nameless = operation.name() == NAMELESS;
        let mut exchange = Exchange::open(instrumentation, operation)
            .with_timeout(timeout_of(request.headers()))
            .start(|attributes| {
                if nameless {
                    attributes.push(KeyValue::new(semconv::RPC_METHOD_ORIGINAL, original(path)));
                }
            });
        let telemetry = instrumentation.telemetry();
        let authority = request.uri().authority().cloned();
        let named = authority.as_ref().map(http::uri::Authority::host);
        let host = self.config.host.or(named);
        telemetry.inject_to(host, exchange.context(), request.headers_mut());
        let future = exchange.scope(|| self.inner.call(request));
        ExchangeFuture::new(future, exchange, GrpcHead)
    }
}
