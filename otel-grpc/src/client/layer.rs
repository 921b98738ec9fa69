//! The layer: configuration shared by every service it makes.

use std::sync::Arc;

use otel_core::telemetry::Telemetry;
use tower_layer::Layer;

use super::builder::Config;
use super::{GrpcClient, GrpcClientBuilder};

/// Wraps a gRPC client in exchanges: one CLIENT span to the trailers, metrics, and the context sent
/// along.
#[derive(Clone, Debug)]
#[must_use = "a layer does nothing until it is applied to a service"]
pub struct GrpcClientLayer {
    config: Arc<Config>,
}

impl GrpcClientLayer {
    /// A layer with good defaults: every signal. It cannot know the server's address.
    pub fn new(telemetry: &Telemetry) -> Self {
        Self::builder(telemetry).finish(None)
    }

    /// Starts a layer.
    pub fn builder(telemetry: &Telemetry) -> GrpcClientBuilder {
        GrpcClientBuilder::new(telemetry)
    }

    pub(super) fn from_config(config: Config) -> Self {
        Self {
            config: Arc::new(config),
        }
    }
}

impl<S> Layer<S> for GrpcClientLayer {
    type Service = GrpcClient<S>;

    fn layer(&self, inner: S) -> Self::Service {
        GrpcClient::new(inner, Arc::clone(&self.config))
    }
}
