//! Configuration of the client layer.

use std::num::NonZeroUsize;

use otel_core::ConfigError;
use otel_core::outcome::Side;
use otel_core::telemetry::Telemetry;

use super::GrpcClientLayer;
use crate::request::{AsSent, Counted, Sealed};
use crate::settings::{ClientFacts, Common, Settings, lasting, settings};
use crate::target;

/// Methods a client tells apart; its own program names them.
pub(crate) const MAX_METHODS: NonZeroUsize = NonZeroUsize::new(1024).unwrap();

/// Collects what a [`GrpcClientLayer`] needs.
#[derive(Debug)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct GrpcClientBuilder<R = AsSent> {
    settings: Settings,
    requests: R,
    facts: ClientFacts,
}

/// What every call of a layer shares.
#[derive(Debug)]
pub(super) struct Config {
    pub(super) common: Common,
    /// The host of the target, where it was configured.
    pub(super) host: Option<&'static str>,
}

impl GrpcClientBuilder {
    pub(super) fn new(telemetry: &Telemetry) -> Self {
        Self {
            settings: Settings::new(telemetry),
            requests: AsSent,
            facts: ClientFacts::default(),
        }
    }

    /// Counts messages and their bytes in both directions, on the span and as `rpc.client.messages`.
    ///
    /// The wrapped service gets another type of body. A `tonic` channel takes only its own: see
    /// `with_boxed_messages`, with the feature `tonic`.
    pub fn with_messages(self) -> GrpcClientBuilder<Counted> {
        self.with_requests(Counted)
    }

    /// The same over a `tonic` channel, at the cost of an allocation for each call.
    #[cfg(feature = "tonic")]
    pub fn with_boxed_messages(self) -> GrpcClientBuilder<crate::request::CountedBoxed> {
        self.with_requests(crate::request::CountedBoxed)
    }

    fn with_requests<R>(self, requests: R) -> GrpcClientBuilder<R> {
        GrpcClientBuilder {
            settings: self.settings,
            requests,
            facts: self.facts,
        }
    }
}

impl<R: Sealed> GrpcClientBuilder<R> {
    settings!();

    /// Host and port of the server, as configured and not as resolved.
    ///
    /// A channel adds its origin only below this layer, so the layer cannot see it by itself.
    pub fn with_server(mut self, address: impl AsRef<str>, port: u16) -> Self {
        match server("with_server", address.as_ref(), Some(port)) {
            Ok(server) => self.facts.server = Some(server),
            Err(error) => self.settings.note(Err(error)),
        }
        self
    }

    /// The target of the channel, such as `dns:///orders:50051` or `http://orders:50051`.
    ///
    /// `server.address` and `server.port` are read from it, after gRPC's naming rules; a target of
    /// several addresses or of a scheme of its own is the address as a whole.
    pub fn with_target(mut self, target: impl AsRef<str>) -> Self {
        let target = target.as_ref();
        let (host, port) = target::parse(target);
        let facts = lasting("with_target", target)
            .and_then(|target| Ok((target, server("with_target", host, port)?)));
        match facts {
            Ok((target, server)) => {
                self.facts.target = target;
                self.facts.server = Some(server);
            }
            Err(error) => self.settings.note(Err(error)),
        }
        self
    }

    /// The same from the endpoint a channel is made of.
    #[cfg(feature = "tonic")]
    pub fn with_endpoint(self, endpoint: &tonic::transport::Endpoint) -> Self {
        self.with_target(endpoint.uri().to_string())
    }

    /// Finishes the layer.
    ///
    /// # Errors
    ///
    /// The first value that was refused, or settings that do not go together.
    pub fn build(self) -> Result<GrpcClientLayer<R>, ConfigError> {
        self.settings.check(R::COUNTS)?;
        Ok(self.finish())
    }

    pub(super) fn finish(self) -> GrpcClientLayer<R> {
        let host = self.facts.server.map(|(address, _port)| address);
        let common = self
            .settings
            .finish(Side::Client, R::COUNTS, MAX_METHODS, self.facts);
        GrpcClientLayer::from_config(Config { common, host }, self.requests)
    }
}

/// The labels of a server; its port may be unknown.
fn server(
    setting: &'static str,
    address: &str,
    port: Option<u16>,
) -> Result<(&'static str, &'static str), ConfigError> {
    let port = match port {
        Some(port) => lasting(setting, &port.to_string())?,
        None => "",
    };
    Ok((lasting(setting, address)?, port))
}
