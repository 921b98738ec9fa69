//! Configuration of the server layer.

use std::num::NonZeroUsize;
use std::time::Duration;

use otel_core::ConfigError;
use otel_core::identity::Identify;
use otel_core::outcome::Side;
use otel_core::registry::{Counter, Descriptor, Family};
use otel_core::semconv;
use otel_core::telemetry::Telemetry;

use super::GrpcServerLayer;
use super::hosts::Hosts;
use crate::descriptor_set;
use crate::method::method_of;
use crate::operation::VARIANT;
use crate::request::{AsSent, Counted, Sealed};
use crate::settings::{ClientFacts, Common, Settings, settings};

/// Methods a server layer learns unless told otherwise.
const DEFAULT_METHODS: NonZeroUsize = NonZeroUsize::new(512).unwrap();

/// Collects what a [`GrpcServerLayer`] needs.
#[derive(Debug)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct GrpcServerBuilder<R = AsSent> {
    settings: Settings,
    requests: R,
    methods: Vec<String>,
    max_methods: NonZeroUsize,
    learns: bool,
    timeout: Option<Duration>,
    web: bool,
    arrivals: bool,
    identify: Option<Identify>,
}

/// What every call of a layer shares.
#[derive(Debug)]
pub(super) struct Config {
    pub(super) common: Common,
    pub(super) timeout: Option<Duration>,
    pub(super) learns: bool,
    pub(super) web: bool,
    pub(super) arrivals: Option<Arrivals>,
    pub(super) hosts: Hosts,
    pub(super) identify: Option<Identify>,
}

/// Calls counted before a server sheds any, and after.
#[derive(Clone, Debug)]
pub(super) struct Arrivals {
    pub(super) arrived: Family<Counter>,
    pub(super) admitted: Family<Counter>,
}

impl GrpcServerBuilder {
    pub(super) fn new(telemetry: &Telemetry) -> Self {
        Self {
            settings: Settings::new(telemetry),
            requests: AsSent,
            methods: Vec::new(),
            max_methods: DEFAULT_METHODS,
            learns: true,
            timeout: None,
            web: false,
            arrivals: false,
            identify: None,
        }
    }

    /// Counts messages and their bytes in both directions, on the span and as `rpc.server.messages`,
    /// and puts a [`GrpcCall`](crate::GrpcCall) into each request.
    ///
    /// The wrapped service gets another type of body; tonic's servers take any.
    pub fn with_messages(self) -> GrpcServerBuilder<Counted> {
        self.with_requests(Counted)
    }

    /// The same for services that take nothing but [`tonic::body::Body`].
    #[cfg(feature = "tonic")]
    pub fn with_boxed_messages(self) -> GrpcServerBuilder<crate::request::CountedBoxed> {
        self.with_requests(crate::request::CountedBoxed)
    }

    fn with_requests<R>(self, requests: R) -> GrpcServerBuilder<R> {
        GrpcServerBuilder {
            settings: self.settings,
            requests,
            methods: self.methods,
            max_methods: self.max_methods,
            learns: self.learns,
            timeout: self.timeout,
            web: self.web,
            arrivals: self.arrivals,
            identify: self.identify,
        }
    }
}

impl<R: Sealed> GrpcServerBuilder<R> {
    settings!();

    /// Methods known from the start, as `package.Service/Method`.
    ///
    /// A method that is not listed is learned from its first answer; until then, and for ever if
    /// the server does not have it, it is `_OTHER`.
    pub fn with_methods<M: Into<String>>(mut self, methods: impl IntoIterator<Item = M>) -> Self {
        for method in methods {
            let path = format!("/{}", method.into());
            match method_of(&path) {
                Some(method) => self.methods.push(method.to_owned()),
                None => self
                    .settings
                    .refuse("with_methods", "methods as `package.Service/Method`"),
            }
        }
        self
    }

    /// Methods known from a compiled `FileDescriptorSet`, the bytes that server reflection is given;
    /// also which of them stream.
    pub fn with_descriptor_set(mut self, set: &[u8]) -> Self {
        let Some(methods) = descriptor_set::read(set) else {
            self.settings
                .refuse("with_descriptor_set", "an encoded FileDescriptorSet");
            return self;
        };
        let streaming = methods.iter().filter(|method| method.streams);
        self.settings
            .streaming
            .extend(streaming.map(|method| method.name.clone()));
        self.with_methods(methods.into_iter().map(|method| method.name))
    }

    /// Learns no methods: those that are not given are `_OTHER` for ever.
    pub const fn without_learning(mut self) -> Self {
        self.learns = false;
        self
    }

    /// How many methods are told apart; 512 otherwise. Further ones are `_OTHER`.
    pub const fn with_max_methods(mut self, max: NonZeroUsize) -> Self {
        self.max_methods = max;
        self
    }

    /// The timeout the server gives every call, which no layer can see by itself. The caller's
    /// `grpc-timeout` is read from each call.
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        if timeout.is_zero() {
            self.settings.refuse("with_timeout", "more than zero");
        }
        self.timeout = Some(timeout);
        self
    }

    /// Follows calls of gRPC-Web in its binary form too, reading their trailers from the body. For a
    /// layer outside of what translates them; inside of that they are calls like any other.
    pub const fn with_web(mut self) -> Self {
        self.web = true;
        self
    }

    /// Counts calls that reach the layer, `rpc.server.admissions`, to be held against those that
    /// [arrived](GrpcServerLayer::arrivals).
    pub const fn with_arrivals(mut self) -> Self {
        self.arrivals = true;
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
    /// The first value that was refused, or settings that do not go together.
    pub fn build(self) -> Result<GrpcServerLayer<R>, ConfigError> {
        self.settings.check(R::COUNTS)?;
        Ok(self.finish())
    }

    pub(super) fn finish(self) -> GrpcServerLayer<R> {
        let registry = self.settings.telemetry.registry();
        let arrivals = self.arrivals.then(|| Arrivals {
            arrived: registry.counter(
                Descriptor::new(semconv::RPC_SERVER_ARRIVALS)
                    .with_help("gRPC calls that arrived, shed or not."),
            ),
            admitted: registry.counter(
                Descriptor::new(semconv::RPC_SERVER_ADMISSIONS)
                    .with_help("gRPC calls that arrived and were not shed."),
            ),
        });
        let max = and_nameless(self.max_methods);
        let common = self
            .settings
            .finish(Side::Server, R::COUNTS, max, ClientFacts::default());
        for method in &self.methods {
            let _ = common.instrumentation.operation(VARIANT, method);
        }
        let config = Config {
            common,
            timeout: self.timeout,
            learns: self.learns,
            web: self.web,
            arrivals,
            hosts: Hosts::default(),
            identify: self.identify,
        };
        GrpcServerLayer::from_config(config, self.requests)
    }
}

/// Calls of no known method take the place of one more.
const fn and_nameless(methods: NonZeroUsize) -> NonZeroUsize {
    methods.saturating_add(1)
}
