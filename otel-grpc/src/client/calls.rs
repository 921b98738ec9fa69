//! A call above its attempts.
//!
//! Below a retry every attempt looks like a call that failed; what the caller waited for, and how
//! often it was tried, only a layer above the retry can tell.

use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use otel_core::ConfigError;
use otel_core::exchange::{Exchange, Signals};
use otel_core::outcome::Side;
use otel_core::telemetry::Telemetry;
use tower_layer::Layer;
use tower_service::Service;

use super::builder::MAX_METHODS;
use crate::attempts::Attempts;
use crate::body::GrpcBody;
use crate::deadline::timeout_of;
use crate::followed::Followed;
use crate::future::GrpcFuture;
use crate::method::method_of;
use crate::operation::VARIANT;
use crate::settings::{ClientFacts, Common, Settings, lasting};
use crate::tracking::Tracking;

/// Follows calls above a retry: a span that holds those of its attempts, with their number
/// (`grpc.attempt_count`), and the metrics of gRFC A66 and A96: `grpc.client.call.duration`,
/// `.retries`, `.hedges` and `.retry_delay`.
///
/// A [`GrpcClientLayer`](super::GrpcClientLayer) below the retry follows the attempts; the retry
/// policy has to clone the extensions of a request, where the two find each other. Durations by the
/// names of the conventions, log lines and the number in flight are left to the attempts.
#[derive(Clone, Debug)]
#[must_use = "a layer does nothing until it is applied to a service"]
pub struct GrpcCallLayer {
    common: Arc<Common>,
}

impl GrpcCallLayer {
    /// A layer for calls to a target, as
    /// [`GrpcClientBuilder::with_target`](super::GrpcClientBuilder::with_target) takes it.
    ///
    /// # Errors
    ///
    /// When the target is empty or longer than 512 bytes.
    pub fn new(telemetry: &Telemetry, target: &str) -> Result<Self, ConfigError> {
        let mut settings = Settings::new(telemetry);
        settings.signals = Signals::ALL.without_log_lines().without_metrics();
        settings.native = true;
        let facts = ClientFacts {
            target: lasting("GrpcCallLayer::new", target)?,
            is_call: true,
            ..ClientFacts::default()
        };
        let common = settings.finish(Side::Client, false, MAX_METHODS, facts);
        Ok(Self {
            common: Arc::new(common),
        })
    }
}

impl<S> Layer<S> for GrpcCallLayer {
    type Service = GrpcCalls<S>;

    fn layer(&self, inner: S) -> GrpcCalls<S> {
        GrpcCalls {
            inner,
            common: Arc::clone(&self.common),
        }
    }
}

/// A client whose calls are followed above their attempts. Made by [`GrpcCallLayer`].
#[derive(Clone, Debug)]
pub struct GrpcCalls<S> {
    inner: S,
    common: Arc<Common>,
}

impl<S, A, B> Service<Request<A>> for GrpcCalls<S>
where
    S: Service<Request<A>, Response = Response<B>, Error: 'static>,
    B: Body<Data = Bytes>,
{
    type Response = Response<GrpcBody<B>>;
    type Error = S::Error;
    type Future = GrpcFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<A>) -> Self::Future {
        let instrumentation = &self.common.instrumentation;
        let method = method_of(request.uri().path()).unwrap_or_default();
        let operation = instrumentation.operation(VARIANT, method);
        let mut exchange = Exchange::open(instrumentation, operation)
            .with_timeout(timeout_of(request.headers()))
            .start(|_attributes| {});
        let attempts = Attempts::default();
        exchange.keep(Arc::new(attempts.clone()));
        request.extensions_mut().insert(attempts);
        let future = exchange.scope(|| self.inner.call(request));
        let followed = Followed::new(exchange, None, None, false);
        GrpcFuture::new(future, Tracking::Followed(followed))
    }
}
