//! What both sides of a call can be told, and the instrumentation that follows from it.

use std::num::NonZeroUsize;
use std::sync::Arc;

use otel_core::exchange::{Instrumentation, Signals};
use otel_core::outcome::{Classify, Side};
use otel_core::registry::{Buckets, Counter, Descriptor, Family, Unit};
use otel_core::semconv::{self, SemconvMode};
use otel_core::telemetry::Telemetry;
use otel_core::{ConfigError, intern};

use crate::attempts::Attempt;
use crate::call::CallState;
use crate::ends::{Ends, ErrorRule};
use crate::error_message::Redact;
use crate::filter::Filter;
use crate::followed::Plan;
use crate::legacy::LegacyDuration;
use crate::metadata::Captured;
use crate::native::{Native, NativeCalls};
use crate::operation::describe;
use crate::stream_policy::StreamPolicy;

/// The settings both builders have.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) telemetry: Telemetry,
    pub(crate) signals: Signals,
    pub(crate) semconv: Option<SemconvMode>,
    pub(crate) opted_in: Option<SemconvMode>,
    pub(crate) buckets: Option<Buckets>,
    pub(crate) native: bool,
    pub(crate) message_events: u32,
    pub(crate) request_metadata: Captured,
    pub(crate) response_metadata: Captured,
    pub(crate) redact: Option<Redact>,
    pub(crate) errors: Option<ErrorRule>,
    pub(crate) filter: Filter,
    pub(crate) streams: StreamPolicy,
    pub(crate) streaming: Vec<String>,
    pub(crate) error: Option<ConfigError>,
}

/// What every call of a layer shares, whichever its side.
#[derive(Debug)]
pub(crate) struct Common {
    pub(crate) instrumentation: Arc<Instrumentation>,
    pub(crate) native: Option<Arc<Native>>,
    pub(crate) plan: Option<Arc<Plan>>,
    pub(crate) request_metadata: Captured,
    pub(crate) filter: Filter,
    message_events: u32,
    decisions: Option<Family<Counter>>,
    /// Methods whose calls get no span.
    spanless: Vec<String>,
}

impl Settings {
    pub(crate) fn new(telemetry: &Telemetry) -> Self {
        Self {
            telemetry: telemetry.clone(),
            signals: Signals::ALL,
            semconv: None,
            opted_in: None,
            buckets: None,
            native: false,
            message_events: 0,
            request_metadata: Captured::default(),
            response_metadata: Captured::default(),
            redact: None,
            errors: None,
            filter: Filter::default(),
            streams: StreamPolicy::default(),
            streaming: Vec::new(),
            error: None,
        }
    }

    /// Keeps the first refusal.
    pub(crate) fn note(&mut self, result: Result<(), ConfigError>) {
        if let Err(error) = result {
            self.error.get_or_insert(error);
        }
    }

    pub(crate) fn refuse(&mut self, setting: &'static str, accepts: &str) {
        self.note(Err(ConfigError::invalid(setting, accepts)));
    }

    /// The first refusal, of a value or of two that do not go together. `counts` says whether
    /// messages are counted.
    pub(crate) fn check(&self, counts: bool) -> Result<(), ConfigError> {
        if let Some(error) = &self.error {
            return Err(error.clone());
        }
        if self.message_events > 0 && !counts {
            let accepts = "events of messages that are counted";
            return Err(ConfigError::invalid("with_message_events", accepts));
        }
        match self.streams {
            StreamPolicy::Segments(every) if every.is_zero() => Err(ConfigError::invalid(
                "with_streams",
                "segments of more than zero",
            )),
            StreamPolicy::MetricsAlone if self.streaming.is_empty() => Err(ConfigError::invalid(
                "with_streams",
                "metrics alone, with the methods that stream",
            )),
            _ => Ok(()),
        }
    }

    /// Finishes what both sides share. `counts` says whether messages are counted; `server` is the
    /// address of a client's server.
    pub(crate) fn finish(
        self,
        side: Side,
        counts: bool,
        max_operations: NonZeroUsize,
        client: ClientFacts,
    ) -> Common {
        let mode = self.semconv.or(self.opted_in).unwrap_or_default();
        let registry = self.telemetry.registry();
        let is_call = client.is_call;
        let native = (self.native && !is_call).then(|| {
            Arc::new(match side {
                Side::Server => Native::of_server(registry),
                Side::Client => Native::of_client(registry, client.target),
            })
        });
        let ends = Ends {
            telemetry: self.telemetry.clone(),
            semconv: mode,
            errors: self.errors,
            legacy: (mode.writes_legacy() && self.signals.metrics())
                .then(|| LegacyDuration::new(registry, side)),
            native: native.clone(),
            native_calls: (self.native && is_call)
                .then(|| NativeCalls::new(registry, client.target)),
            messages: counts.then(|| Ends::message_counter(&self.telemetry, side)),
        };
        let (duration, active) = descriptors(side);
        let server = client.server;
        let operations = move |_variant, method| match server {
            None => describe(mode, method),
            Some((address, port)) => {
                let parts = describe(mode, method).with_label(semconv::SERVER_ADDRESS, address);
                match port {
                    "" => parts,
                    port => parts.with_label(semconv::SERVER_PORT, port),
                }
            }
        };
        let mut builder = Instrumentation::builder(
            &self.telemetry,
            (Classify::Grpc, side),
            duration,
            active,
            operations,
        )
        .with_scope(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"))
        .with_signals(self.signals)
        .with_semconv(mode)
        .with_max_operations(max_operations)
        .with_at_end(ends);
        if !mode.writes_current() {
            builder = builder.without_duration();
        }
        if let Some(buckets) = self.buckets {
            builder = builder.with_buckets(buckets);
        }
        let segment = match self.streams {
            StreamPolicy::Segments(every) => Some(every),
            StreamPolicy::OneSpan | StreamPolicy::MetricsAlone => None,
        };
        let looks_further = counts
            || segment.is_some()
            || self.redact.is_some()
            || !self.response_metadata.is_empty();
        let plan = Plan {
            side,
            response_metadata: self.response_metadata,
            redact: self.redact,
            segment,
        };
        Common {
            decisions: (counts && side == Side::Server).then(|| decision_counter(&self.telemetry)),
            instrumentation: builder.build(),
            native,
            plan: looks_further.then(|| Arc::new(plan)),
            request_metadata: self.request_metadata,
            filter: self.filter,
            message_events: self.message_events,
            spanless: match self.streams {
                StreamPolicy::MetricsAlone => self.streaming,
                StreamPolicy::OneSpan | StreamPolicy::Segments(_) => Vec::new(),
            },
        }
    }
}

/// What is particular to a client.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ClientFacts {
    pub(crate) server: Option<(&'static str, &'static str)>,
    pub(crate) target: &'static str,
    /// Whether it stands above the attempts of a call.
    pub(crate) is_call: bool,
}

impl Common {
    /// The shared state of a call, where it has any.
    pub(crate) fn call(&self, counts: bool, attempt: Option<Attempt>) -> Option<Arc<CallState>> {
        (counts || attempt.is_some()).then(|| {
            let decisions = self.decisions.clone();
            Arc::new(CallState::new(
                counts,
                self.message_events,
                decisions,
                attempt,
            ))
        })
    }

    /// Whether calls of a method have a span.
    pub(crate) fn has_span(&self, method: Option<&str>) -> bool {
        self.spanless.is_empty()
            || !self
                .spanless
                .iter()
                .any(|spanless| Some(spanless.as_str()) == method)
    }
}

fn descriptors(side: Side) -> (Descriptor, Descriptor) {
    let (duration, active) = match side {
        Side::Server => (
            Descriptor::new(semconv::RPC_SERVER_CALL_DURATION)
                .with_help("Duration of gRPC calls a server received, to their trailers."),
            Descriptor::new(semconv::RPC_SERVER_ACTIVE_CALLS)
                .with_help("Number of gRPC calls a server has in flight."),
        ),
        Side::Client => (
            Descriptor::new(semconv::RPC_CLIENT_CALL_DURATION)
                .with_help("Duration of gRPC calls a client made, to their trailers."),
            Descriptor::new(semconv::RPC_CLIENT_ACTIVE_CALLS)
                .with_help("Number of gRPC calls a client has in flight."),
        ),
    };
    (duration.with_unit(Unit::SECONDS), active)
}

fn decision_counter(telemetry: &Telemetry) -> Family<Counter> {
    telemetry.registry().counter(
        Descriptor::new(semconv::EXCHANGE_DECISIONS)
            .with_help("Decisions taken inside calls, by what was decided about and how."),
    )
}

/// A name that lasts, for labels.
pub(crate) fn lasting(setting: &'static str, text: &str) -> Result<&'static str, ConfigError> {
    intern(text)
        .filter(|text| !text.is_empty())
        .ok_or_else(|| ConfigError::invalid(setting, "text of 1 to 512 bytes"))
}

/// The setters both builders have.
macro_rules! settings {
    () => {
        /// The signals to produce; all of them otherwise.
        pub const fn with_signals(mut self, signals: otel_core::exchange::Signals) -> Self {
            self.settings.signals = signals;
            self
        }

        /// The generation of the RPC conventions to follow; that of schema 1.42 otherwise.
        pub const fn with_semconv(mut self, mode: otel_core::semconv::SemconvMode) -> Self {
            self.settings.semconv = Some(mode);
            self
        }

        /// Follows what `OTEL_SEMCONV_STABILITY_OPT_IN` asks for, unless
        /// [`with_semconv`](Self::with_semconv) says otherwise.
        pub fn with_environment(
            mut self,
            environment: &otel_core::environment::Environment,
        ) -> Self {
            self.settings.opted_in = otel_core::semconv::SemconvMode::from_environment(environment);
            self
        }

        /// The buckets of the duration, seconds; those of the conventions otherwise.
        pub fn with_duration_buckets(mut self, buckets: otel_core::registry::Buckets) -> Self {
            self.settings.buckets = Some(buckets);
            self
        }

        /// Records what gRPC libraries record of themselves too, by the names of gRFC A66:
        /// `grpc.server.call.*` at a server, `grpc.client.attempt.*` at a client. The sizes of
        /// messages only where they are counted.
        pub const fn with_native_metrics(mut self) -> Self {
            self.settings.native = true;
            self
        }

        /// Writes request metadata of these keys to the span, as `rpc.request.metadata.<key>`: at
        /// most eight values of 256 bytes each. Credentials and binary metadata are refused.
        pub fn with_request_metadata<K: AsRef<str>>(
            mut self,
            keys: impl IntoIterator<Item = K>,
        ) -> Self {
            for key in keys {
                let prefix = otel_core::semconv::RPC_REQUEST_METADATA;
                let captured = &mut self.settings.request_metadata;
                let added = captured.add("with_request_metadata", prefix, key.as_ref());
                self.settings.note(added);
            }
            self
        }

        /// The same for metadata in the head of a response, as `rpc.response.metadata.<key>`.
        pub fn with_response_metadata<K: AsRef<str>>(
            mut self,
            keys: impl IntoIterator<Item = K>,
        ) -> Self {
            for key in keys {
                let prefix = otel_core::semconv::RPC_RESPONSE_METADATA;
                let captured = &mut self.settings.response_metadata;
                let added = captured.add("with_response_metadata", prefix, key.as_ref());
                self.settings.note(added);
            }
            self
        }

        /// Describes the error of a span by the message of its status, after `redact` has made it
        /// fit to be kept; at most 256 bytes of it. Otherwise messages are not read, and the binary
        /// details of a status never are.
        pub fn with_error_messages(
            mut self,
            redact: impl Fn(&str) -> String + Send + Sync + 'static,
        ) -> Self {
            self.settings.redact = Some(crate::error_message::Redact::new(redact));
            self
        }

        /// Which statuses are errors of a span and have an `error.type`. Otherwise those the
        /// conventions name for this side. The outcome does not depend on it.
        pub fn with_error_statuses(
            mut self,
            is_error: impl Fn(otel_core::outcome::GrpcCode) -> bool + Send + Sync + 'static,
        ) -> Self {
            self.settings.errors = Some(crate::ends::ErrorRule(std::sync::Arc::new(is_error)));
            self
        }

        /// Leaves out the calls of health checks. What happens in them still belongs to its caller.
        pub const fn without_health(mut self) -> Self {
            self.settings.filter.leave_out_health();
            self
        }

        /// Leaves out the calls of server reflection.
        pub const fn without_reflection(mut self) -> Self {
            self.settings.filter.leave_out_reflection();
            self
        }

        /// Leaves out calls of methods (`package.Service/Method`) that `wanted` does not want.
        pub fn with_filter(
            mut self,
            wanted: impl Fn(&str) -> bool + Send + Sync + 'static,
        ) -> Self {
            self.settings.filter.want(wanted);
            self
        }

        /// How streams that last are told; in one span otherwise.
        pub const fn with_streams(mut self, policy: crate::StreamPolicy) -> Self {
            self.settings.streams = policy;
            self
        }

        /// Methods known to stream, as `package.Service/Method`.
        pub fn with_streaming_methods<M: Into<String>>(
            mut self,
            methods: impl IntoIterator<Item = M>,
        ) -> Self {
            self.settings
                .streaming
                .extend(methods.into_iter().map(Into::into));
            self
        }

        /// Tells the span of the first `max` messages of a call, each as an event `rpc.message`.
        /// Refused by `build` unless messages are counted.
        pub const fn with_message_events(mut self, max: u32) -> Self {
            self.settings.message_events = max;
            self
        }
    };
}
pub(crate) use settings;
