//! The layer: configuration shared by every service it makes.

use std::sync::Arc;

use http::Request;
use otel_core::semconv;
use otel_core::telemetry::Telemetry;
use tower_layer::Layer;

use super::builder::Config;
use super::{GrpcServer, GrpcServerBuilder};
use crate::method::{Protocol, method_of};
use crate::operation::VARIANT;
use crate::request::AsSent;

/// Wraps a gRPC service in exchanges: span, metrics, context, log line.
///
/// See the [crate documentation](crate). Requests that are not gRPC pass through untouched, and so
/// do those another server layer of the suite has already.
#[derive(Clone, Debug)]
#[must_use = "a layer does nothing until it is applied to a service"]
pub struct GrpcServerLayer<R = AsSent> {
    config: Arc<Config>,
    requests: R,
}

impl GrpcServerLayer {
    /// A layer with good defaults: every signal, methods learned as they are answered.
    pub fn new(telemetry: &Telemetry) -> Self {
        Self::builder(telemetry).finish()
    }

    /// Starts a layer.
    pub fn builder(telemetry: &Telemetry) -> GrpcServerBuilder {
        GrpcServerBuilder::new(telemetry)
    }
}

impl<R> GrpcServerLayer<R> {
    /// Counts arrivals where no layer can: before tonic sheds load or waits for room.
    ///
    /// For `tonic::transport::Server::trace_fn`, which is called for every request. Calls of
    /// `rpc.server.arrivals` that are not among `rpc.server.admissions` were shed or left before
    /// their turn. Counts nothing unless the layer was built
    /// [`with_arrivals`](super::GrpcServerBuilder::with_arrivals).
    ///
    /// ```
    /// use otel_core::telemetry::Telemetry;
    /// use otel_grpc::GrpcServerLayer;
    ///
    /// # fn main() -> Result<(), otel_core::ConfigError> {
    /// # let telemetry = Telemetry::builder().build()?;
    /// let layer = GrpcServerLayer::builder(&telemetry).with_arrivals().build()?;
    /// let arrivals = layer.arrivals();
    /// # let _ =
    /// tonic::transport::Server::builder()
    ///     .trace_fn(move |request| {
    ///         arrivals(request);
    ///         tracing::Span::none()
    ///     })
    ///     .load_shed(true)
    ///     .layer(layer);
    /// # Ok(())
    /// # }
    /// ```
    pub fn arrivals(&self) -> impl Fn(&Request<()>) + Clone + Send + Sync + 'static {
        let config = Arc::clone(&self.config);
        move |request| {
            if let Some(arrivals) = &config.arrivals
                && config.follows(Protocol::of(request))
            {
                let method = config.method_label(request.uri().path());
                arrivals.arrived.add(&[(semconv::RPC_METHOD, method)], 1);
            }
        }
    }

    pub(super) fn from_config(config: Config, requests: R) -> Self {
        Self {
            config: Arc::new(config),
            requests,
        }
    }
}

impl Config {
    /// Whether calls of a protocol are followed.
    pub(super) const fn follows(&self, protocol: Option<Protocol>) -> bool {
        match protocol {
            Some(Protocol::Grpc) => true,
            Some(Protocol::Web) => self.web,
            None => false,
        }
    }

    /// The method of a path as a label: `_OTHER` unless it is known.
    pub(super) fn method_label(&self, path: &str) -> &'static str {
        method_of(path)
            .and_then(|method| self.common.instrumentation.known_operation(VARIANT, method))
            .map_or(semconv::OTHER, |operation| operation.name())
    }
}

impl<S, R: Clone> Layer<S> for GrpcServerLayer<R> {
    type Service = GrpcServer<S, R>;

    fn layer(&self, inner: S) -> Self::Service {
        GrpcServer::new(inner, Arc::clone(&self.config), self.requests.clone())
    }
}
