//! The layer: configuration shared by every service it makes.

use std::sync::Arc;

use otel_core::telemetry::Telemetry;
use tower_layer::Layer;

use super::builder::Config;
use super::{HttpServer, HttpServerBuilder};
use crate::route::NoRoute;

/// Wraps a service of HTTP requests in its exchange: span, metrics, context, log line.
///
/// See the [crate documentation](crate).
#[derive(Debug)]
#[must_use = "a layer does nothing until it is applied to a service"]
pub struct HttpServerLayer<R = NoRoute> {
    config: Arc<Config<R>>,
}

impl HttpServerLayer {
    /// A layer with good defaults: every signal, no source of routes.
    pub fn new(telemetry: &Telemetry) -> Self {
        Self::builder(telemetry).finish()
    }

    /// Starts a layer.
    pub fn builder(telemetry: &Telemetry) -> HttpServerBuilder {
        HttpServerBuilder::new(telemetry)
    }
}

impl<R> HttpServerLayer<R> {
    pub(super) fn from_config(config: Config<R>) -> Self {
        Self {
            config: Arc::new(config),
        }
    }
}

impl<R> Clone for HttpServerLayer<R> {
    fn clone(&self) -> Self {
        Self {
            config: Arc::clone(&self.config),
        }
    }
}

impl<S, R> Layer<S> for HttpServerLayer<R> {
    type Service = HttpServer<S, R>;

    fn layer(&self, inner: S) -> Self::Service {
        HttpServer::new(inner, Arc::clone(&self.config))
    }
}
