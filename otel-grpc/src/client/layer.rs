//! The layer: configuration shared by every service it makes.

use std::sync::Arc;

use otel_core::telemetry::Telemetry;
use tower_layer::Layer;

use super::builder::Config;
use super::{GrpcClient, GrpcClientBuilder};
use crate::request::AsSent;

/// Wraps a gRPC client in exchanges: one CLIENT span to the trailers, metrics, and the context sent
/// along.
///
/// Below a retry it follows each attempt; see [`GrpcCallLayer`](crate::GrpcCallLayer) for the call
/// they belong to. A request that another client layer has already passes through untouched.
#[derive(Clone, Debug)]
#[must_use = "a layer does nothing until it is applied to a service"]
pub struct GrpcClientLayer<R = AsSent> {
    config: Arc<Config>,
    requests: R,
}

impl GrpcClientLayer {
    /// A layer with good defaults: every signal. It cannot know the server's address.
    pub fn new(telemetry: &Telemetry) -> Self {
        Self::builder(telemetry).finish()
    }

    /// Starts a layer.
    pub fn builder(telemetry: &Telemetry) -> GrpcClientBuilder {
        GrpcClientBuilder::new(telemetry)
    }
}

impl<R> GrpcClientLayer<R> {
    pub(super) fn from_config(config: Config, requests: R) -> Self {
        Self {
            config: Arc::new(config),
            requests,
        }
    }
}

impl<S, R: Clone> Layer<S> for GrpcClientLayer<R> {
    type Service = GrpcClient<S, R>;

    fn layer(&self, inner: S) -> Self::Service {
        GrpcClient::new(inner, Arc::clone(&self.config), self.requests.clone())
    }
}
