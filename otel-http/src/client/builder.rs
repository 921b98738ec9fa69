//! Configuration of the client layer.

use std::num::NonZeroUsize;
use std::sync::Arc;

use otel_core::exchange::{Instrumentation, InstrumentationBuilder, OperationParts, Signals};
use otel_core::outcome::{Classify, Side};
use otel_core::registry::{Descriptor, Unit};
use otel_core::semconv;
use otel_core::telemetry::Telemetry;

use super::{ClientEnd, HttpClientLayer};
use crate::operation::describe;

/// Collects what an [`HttpClientLayer`] needs.
#[derive(Debug)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct HttpClientBuilder {
    instrumentation: InstrumentationBuilder,
    end: ClientEnd,
}

/// What every request of a layer shares.
#[derive(Debug)]
pub(super) struct Config {
    pub(super) instrumentation: Arc<Instrumentation>,
    pub(super) end: ClientEnd,
}

impl HttpClientBuilder {
    pub(super) fn new(telemetry: &Telemetry) -> Self {
        let duration = Descriptor::new(semconv::HTTP_CLIENT_REQUEST_DURATION)
            .with_unit(Unit::SECONDS)
            .with_help("Duration of HTTP client requests.");
        let active = Descriptor::new(semconv::HTTP_CLIENT_ACTIVE_REQUESTS)
            .with_help("Number of HTTP client requests in flight.");
        let sides = (Classify::Http, Side::Client);
        Self {
            instrumentation: Instrumentation::builder(
                telemetry,
                sides,
                duration,
                active,
                describe_target,
            )
            .with_scope(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION")),
            end: ClientEnd::default(),
        }
    }

    /// The signals to produce; all of them otherwise.
    pub fn with_signals(mut self, signals: Signals) -> Self {
        self.instrumentation = self.instrumentation.with_signals(signals);
        self
    }

    /// When an exchange ends; at the head otherwise.
    pub const fn with_end(mut self, end: ClientEnd) -> Self {
        self.end = end;
        self
    }

    /// How many combinations of method, scheme, version and host are told apart; 1,024 otherwise.
    pub fn with_max_operations(mut self, max: NonZeroUsize) -> Self {
        self.instrumentation = self.instrumentation.with_max_operations(max);
        self
    }

    /// Finishes the layer.
    pub fn build(self) -> HttpClientLayer {
        HttpClientLayer::from_config(Config {
            instrumentation: self.instrumentation.build(),
            end: self.end,
        })
    }
}

/// A client's operation is named by its target, `host:port`: the labels the conventions require.
fn describe_target(variant: u64, target: &'static str) -> OperationParts {
    let parts = describe(variant, "");
    match target.rsplit_once(':') {
        Some((address, port)) => parts
            .with_active_label(semconv::SERVER_ADDRESS, address)
            .with_active_label(semconv::SERVER_PORT, port),
        None => parts,
    }
}
