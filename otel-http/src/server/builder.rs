//! Configuration of the server layer.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use otel_core::exchange::{Instrumentation, InstrumentationBuilder, Signals};
use otel_core::identity::Identify;
use otel_core::outcome::{Classify, Side};
use otel_core::registry::{Descriptor, Unit};
use otel_core::telemetry::Telemetry;
use otel_core::{ConfigError, semconv};

use super::HttpServerLayer;
use super::hosts::Hosts;
use crate::attributes::Scheme;
use crate::operation::describe;
use crate::route::{NoRoute, RouteSource};

/// Routes a service may have before further ones share a series; beyond the guard's default,
/// because routes are declared and not sent.
const MAX_ROUTES: usize = 500;
/// Series of durations a service may have, about half a kilobyte each.
const MAX_SERIES: usize = 2000;

/// Collects what an [`HttpServerLayer`] needs.
#[derive(Debug)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct HttpServerBuilder<R = NoRoute> {
    instrumentation: InstrumentationBuilder,
    route: R,
    scheme: Scheme,
    timeout: Option<Duration>,
    identify: Option<Identify>,
    error: Option<ConfigError>,
}

/// What every request of a layer shares.
#[derive(Debug)]
pub(super) struct Config<R> {
    pub(super) instrumentation: Arc<Instrumentation>,
    pub(super) route: R,
    pub(super) scheme: Scheme,
    pub(super) timeout: Option<Duration>,
    pub(super) identify: Option<Identify>,
    pub(super) hosts: Hosts,
}

impl HttpServerBuilder {
    pub(super) fn new(telemetry: &Telemetry) -> Self {
        let duration = Descriptor::new(semconv::HTTP_SERVER_REQUEST_DURATION)
            .with_unit(Unit::SECONDS)
            .with_help("Duration of HTTP server requests, to the last frame the server took.")
            .with_label_budget(semconv::HTTP_ROUTE, MAX_ROUTES)
            .with_series_budget(MAX_SERIES);
        let active = Descriptor::new(semconv::HTTP_SERVER_ACTIVE_REQUESTS)
            .with_help("Number of HTTP server requests in flight.");
        let sides = (Classify::Http, Side::Server);
        Self {
            instrumentation: Instrumentation::builder(telemetry, sides, duration, active, describe)
                .with_scope(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION")),
            route: NoRoute,
            scheme: Scheme::Http,
            timeout: None,
            identify: None,
            error: None,
        }
    }
}

impl<R: RouteSource> HttpServerBuilder<R> {
    /// Where routes come from; nowhere otherwise.
    pub fn with_route<R2: RouteSource>(self, route: R2) -> HttpServerBuilder<R2> {
        HttpServerBuilder {
            instrumentation: self.instrumentation,
            route,
            scheme: self.scheme,
            timeout: self.timeout,
            identify: self.identify,
            error: self.error,
        }
    }

    /// The signals to produce; all of them otherwise.
    pub fn with_signals(mut self, signals: Signals) -> Self {
        self.instrumentation = self.instrumentation.with_signals(signals);
        self
    }

    /// The server is reached over TLS: `url.scheme` is `https` where a request does not say.
    pub const fn with_tls(mut self) -> Self {
        self.scheme = Scheme::Https;
        self
    }

    /// The timeout a layer *outside* this one gives each request.
    ///
    /// Such a layer drops the request as a leaving client does; knowing its limit, this one tells
    /// them apart. The timer outside has started a little earlier, so a drop in the last 1 % of the
    /// time, at least 2 ms, counts as one at its end. A [`Deadline`](crate::Deadline) in the request's
    /// extensions is exact and wins over it.
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        if timeout.is_zero() {
            self.error
                .get_or_insert_with(|| ConfigError::invalid("with_timeout", "more than zero"));
        }
        self.timeout = Some(timeout);
        self
    }

    /// Finds out who sent each request: on its span, in its
    /// [`ExchangeContext`](otel_core::exchange::ExchangeContext), and in the events of what is wrong
    /// with it. Identity headers that are not believed are taken away. Off otherwise.
    pub fn with_identity(mut self, identify: &Identify) -> Self {
        self.identify = Some(identify.clone());
        self
    }

    /// How many combinations of method, scheme, version and route are told apart; 1,024 otherwise.
    pub fn with_max_operations(mut self, max: NonZeroUsize) -> Self {
        self.instrumentation = self.instrumentation.with_max_operations(max);
        self
    }

    /// Finishes the layer.
    ///
    /// # Errors
    ///
    /// The first value that was refused.
    pub fn build(self) -> Result<HttpServerLayer<R>, ConfigError> {
        if let Some(error) = self.error {
            return Err(error);
        }
        Ok(self.finish())
    }

    pub(crate) fn finish(self) -> HttpServerLayer<R> {
        HttpServerLayer::from_config(Config {
            instrumentation: self.instrumentation.build(),
            route: self.route,
            scheme: self.scheme,
            timeout: self.timeout,
            identify: self.identify,
            hosts: Hosts::default(),
        })
    }
}
