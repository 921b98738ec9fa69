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

use super::GrpcServerLayer;
use crate::method::method_of;
use crate::operation::{VARIANT, describe};

/// Methods a server layer learns unless told otherwise.
const DEFAULT_METHODS: NonZeroUsize = NonZeroUsize::new(512).unwrap();

/// Collects what a [`GrpcServerLayer`] needs.
#[derive(Debug)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct GrpcServerBuilder {
    instrumentation: InstrumentationBuilder,
    methods: Vec<String>,
    timeout: Option<Duration>,
    identify: Option<Identify>,
    error: Option<ConfigError>,
}

/// What every call of a layer shares.
#[derive(Debug)]
pub(super) struct Config {
    pub(super) instrumentation: Arc<Instrumentation>,
    pub(super) timeout: Option<Duration>,
    pub(super) identify: Option<Identify>,
}

impl GrpcServerBuilder {
    pub(super) fn new(telemetry: &Telemetry) -> Self {
        let duration = Descriptor::new(semconv::RPC_SERVER_CALL_DURATION)
            .with_unit(Unit::SECONDS)
            .with_help("Duration of gRPC calls a server received, to their trailers.");
        let active = Descriptor::new(semconv::RPC_SERVER_ACTIVE_CALLS)
            .with_help("Number of gRPC calls a server has in flight.");
        let sides = (Classify::Grpc, Side::Server);
        let operations = |_variant, method| describe(method);
        Self {
            instrumentation: Instrumentation::builder(
                telemetry, sides, duration, active, operations,
            )
            .with_scope(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"))
            .with_max_operations(and_nameless(DEFAULT_METHODS)),
            methods: Vec::new(),
            timeout: None,
            identify: None,
            error: None,
        }
    }

    /// The signals to produce; all of them otherwise.
    pub fn with_signals(mut self, signals: Signals) -> Self {
        self.instrumentation = self.instrumentation.with_signals(signals);
        self
    }

    /// Methods known from the start, as `package.Service/Method`.
    ///
    /// A method that is not listed is learned from its first answer; until then, and for ever if
    /// the server does not have it, it is `_OTHER`.
    pub fn with_methods<M: Into<String>>(mut self, methods: impl IntoIterator<Item = M>) -> Self {
        for method in methods {
            let path = format!("/{}", method.into());
            match method_of(&path) {
                Some(method) => self.methods.push(method.to_owned()),
                None => self.refuse("with_methods", "methods as `package.Service/Method`"),
            }
        }
        self
    }

    /// How many methods are told apart; 512 otherwise. Further ones are `_OTHER`.
    pub fn with_max_methods(mut self, max: NonZeroUsize) -> Self {
        self.instrumentation = self.instrumentation.with_max_operations(and_nameless(max));
        self
    }

    /// The timeout the server gives every call, which no layer can see by itself. The caller's
    /// `grpc-timeout` is read from each call.
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        if timeout.is_zero() {
            self.refuse("with_timeout", "more than zero");
        }
        self.timeout = Some(timeout);
        self
    }

    /// Finds out who made each call: on its span, in its
    /// [`ExchangeContext`](otel_core::exchange::ExchangeContext), and in the events of what is wrong
    /// with it. Identity headers that are not believed are taken away. Off otherwise.
    pub fn with_identity(mut self, identify: &Identify) -> Self {
        self.identify = Some(identify.clone());
        self
    }

    /// Finishes the layer.
    ///
    /// # Errors
    ///
    /// The first value that was refused.
    pub fn build(self) -> Result<GrpcServerLayer, ConfigError> {
        match self.error {
            Some(error) => Err(error),
            None => Ok(self.finish()),
        }
    }

    pub(super) fn finish(self) -> GrpcServerLayer {
        let instrumentation = self.instrumentation.build();
        for method in &self.methods {
            let _ = instrumentation.operation(VARIANT, method);
        }
        GrpcServerLayer::from_config(Config {
            instrumentation,
            timeout: self.timeout,
            identify: self.identify,
        })
    }

    fn refuse(&mut self, setting: &'static str, accepts: &str) {
        self.error
            .get_or_insert_with(|| ConfigError::invalid(setting, accepts));
    }
}

/// Calls of no known method take the place of one more.
const fn and_nameless(methods: NonZeroUsize) -> NonZeroUsize {
    methods.saturating_add(1)
}
