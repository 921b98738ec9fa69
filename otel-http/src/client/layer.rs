//! The layer: configuration shared by every service it makes.

use std::sync::Arc;

use otel_core::telemetry::Telemetry;
use tower_layer::Layer;

use super::builder::Config;
use super::{HttpClient, HttpClientBuilder};
use crate::attributes::Captured;

/// Wraps an HTTP client in exchanges: one CLIENT span, metrics, and the context sent along.
///
/// Put it below retries and redirects, so that each attempt is a span of its own.
///
/// ```
/// use otel_core::telemetry::Telemetry;
/// use otel_http::HttpClientLayer;
/// use tower_layer::Layer;
///
/// # fn main() -> Result<(), otel_core::ConfigError> {
/// let telemetry = Telemetry::builder().build()?;
/// # struct Client;
/// let client = HttpClientLayer::new(&telemetry).layer(Client);
/// # let _ = client;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a layer does nothing until it is applied to a service"]
pub struct HttpClientLayer {
    config: Arc<Config>,
}

impl HttpClientLayer {
    /// A layer with good defaults: every signal, exchanges end at the head.
    pub fn new(telemetry: &Telemetry) -> Self {
        let nothing = Captured::default();
        Self::builder(telemetry).finish(nothing.clone(), nothing)
    }

    /// Starts a layer.
    pub fn builder(telemetry: &Telemetry) -> HttpClientBuilder {
        HttpClientBuilder::new(telemetry)
    }

    pub(super) fn from_config(config: Config) -> Self {
        Self {
            config: Arc::new(config),
        }
    }
}

impl<S> Layer<S> for HttpClientLayer {
    type Service = HttpClient<S>;

    fn layer(&self, inner: S) -> Self::Service {
        HttpClient::new(inner, Arc::clone(&self.config))
    }
}
