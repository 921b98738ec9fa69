//! Configuration of the client layer.

use std::num::NonZeroUsize;
use std::sync::Arc;

use otel_core::exchange::{Instrumentation, Signals};
use otel_core::outcome::{Classify, Side};
use otel_core::registry::{Descriptor, Unit};
use otel_core::telemetry::Telemetry;
use otel_core::{ConfigError, intern, semconv};

use super::GrpcClientLayer;
use crate::operation::describe;

/// Collects what a [`GrpcClientLayer`] needs.
#[derive(Debug)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct GrpcClientBuilder {
    telemetry: Telemetry,
    signals: Signals,
    server: Option<(String, u16)>,
}

/// What every call of a layer shares.
#[derive(Debug)]
pub(super) struct Config {
    pub(super) instrumentation: Arc<Instrumentation>,
    /// The host of the target, where it was configured.
    pub(super) host: Option<&'static str>,
}

impl GrpcClientBuilder {
    pub(super) fn new(telemetry: &Telemetry) -> Self {
        Self {
            telemetry: telemetry.clone(),
            signals: Signals::ALL,
            server: None,
        }
    }

    /// The signals to produce; all of them otherwise.
    pub const fn with_signals(mut self, signals: Signals) -> Self {
        self.signals = signals;
        self
    }

    /// Host and port of the target, as configured and not as resolved.
    ///
    /// A channel adds its origin only below this layer, so the layer cannot see it by itself.
    pub fn with_server(mut self, address: impl Into<String>, port: u16) -> Self {
        self.server = Some((address.into(), port));
        self
    }

    /// Finishes the layer.
    ///
    /// # Errors
    ///
    /// When the address of the server is empty or longer than 512 bytes.
    pub fn build(self) -> Result<GrpcClientLayer, ConfigError> {
        let server = match &self.server {
            None => None,
            Some((address, port)) => {
                let refused = || ConfigError::invalid("with_server", "a host of 1 to 512 bytes");
                let address = intern(address)
                    .filter(|address| !address.is_empty())
                    .ok_or_else(refused)?;
                let port = intern(&port.to_string()).ok_or_else(refused)?;
                Some((address, port))
            }
        };
        Ok(self.finish(server))
    }

    pub(super) fn finish(self, server: Option<(&'static str, &'static str)>) -> GrpcClientLayer {
        let duration = Descriptor::new(semconv::RPC_CLIENT_CALL_DURATION)
            .with_unit(Unit::SECONDS)
            .with_help("Duration of gRPC calls a client made, to their trailers.");
        let active = Descriptor::new(semconv::RPC_CLIENT_ACTIVE_CALLS)
            .with_help("Number of gRPC calls a client has in flight.");
        let operations = move |_variant, method| match server {
            None => describe(method),
            Some((address, port)) => describe(method)
                .with_label(semconv::SERVER_ADDRESS, address)
                .with_label(semconv::SERVER_PORT, port),
        };
        let sides = (Classify::Grpc, Side::Client);
        let instrumentation =
            Instrumentation::builder(&self.telemetry, sides, duration, active, operations)
                .with_scope(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"))
                .with_signals(self.signals)
                .with_max_operations(MAX_METHODS)
                .build();
        GrpcClientLayer::from_config(Config {
            instrumentation,
            host: server.map(|(address, _port)| address),
        })
    }
}

/// Methods a client tells apart; its own program names them.
const MAX_METHODS: NonZeroUsize = NonZeroUsize::new(1024).unwrap();
