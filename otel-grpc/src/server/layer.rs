//! The layer: configuration shared by every service it makes.

use std::sync::Arc;

use otel_core::telemetry::Telemetry;
use tower_layer::Layer;

use super::builder::Config;
use super::{GrpcServer, GrpcServerBuilder};

/// Wraps a gRPC service in exchanges: span, metrics, context, log line.
///
/// See the [crate documentation](crate). Requests that are not gRPC pass through untouched.
#[derive(Clone, Debug)]
#[must_use = "a layer does nothing until it is applied to a service"]
pub struct GrpcServerLayer {
    config: Arc<Config>,
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

    pub(super) fn from_config(config: Config) -> Self {
        Self {
            config: Arc::new(config),
        }
    }
}

impl<S> Layer<S> for GrpcServerLayer {
    type Service = GrpcServer<S>;

    fn layer(&self, inner: S) -> Self::Service {
        GrpcServer::new(inner, Arc::clone(&self.config))
    }
}
