//! How a bridge is put together.

use std::collections::HashMap;
use std::error::Error;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize};
use std::sync::{Arc, Mutex};

use arc_swap::ArcSwapOption;
use opentelemetry::logs::{Logger, LoggerProvider};
use otel_core::ConfigError;
use otel_core::clock::{Clock, SystemClock};
use otel_core::opentelemetry::Context;
use otel_core::registry::Registry;
use otel_core::resource::Resource;
use otel_core::semconv;
use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::{Filtered, Targets};
use tracing_subscriber::layer::Layer;
use tracing_subscriber::registry::LookupSpan;

use crate::bridge::{LogBridge, LogLayer, SpanAndLogLayer};
use crate::buffer::{Buffers, RequestBuffer};
use crate::capture::ErrorTypes;
use crate::capture::span::Updates;
use crate::context_field::{ContextField, Read};
use crate::encode::Encoder;
use crate::encode::keys;
use crate::encode::resource::ResourceMembers;
use crate::guard::LogGuard;
use crate::keeper::Keeper;
use crate::level::{self, LevelGate, SpansOnly};
use crate::metrics::Metrics;
use crate::name::Name;
use crate::order::LayerOrder;
use crate::plan::{PlanTable, Rules};
use crate::redact::Redaction;
use crate::sampling::{Controller, Cpu, Sampler, Sampling};
use crate::schema::{DriftLog, OnDrift, Schema, SchemaRules};
use crate::shared::Shared;
use crate::sink::{Emitter, JsonSink, Lines, MIN_QUEUE_BYTES, OtelSink, Queue, Writer};
use crate::span_fields::SpanFields;
use crate::stats::Counters;

const DEFAULT_QUEUE_BYTES: usize = 2 << 20;
/// A budget above this is a mistake of units.
const MAX_QUEUE_BYTES: usize = 1 << 30;

/// Collects what a [`LogBridge`] needs.
#[must_use = "a builder does nothing until `build` is called"]
pub struct LogBridgeBuilder {
    resource: Resource,
    clock: Arc<dyn Clock>,
    events: Targets,
    spans: LevelFilter,
    sinks: Vec<JsonSink>,
    has_lines: bool,
    otel: Option<Box<dyn Emitter>>,
    queue_bytes: usize,
    has_internal_logs: bool,
    has_upkeep: bool,
    has_code_location: bool,
    span_fields: SpanFields,
    groups: Vec<String>,
    baggage: Vec<(String, String)>,
    context: Vec<(String, Read)>,
    renames: HashMap<String, String>,
    errors: ErrorTypes,
    redaction: Redaction,
    schema: Option<SchemaRules>,
    sampling: Option<Sampling>,
    cpu: Option<Cpu>,
    buffer: Option<RequestBuffer>,
    registry: Option<Registry>,
    error: Option<ConfigError>,
}

impl LogBridgeBuilder {
    pub(crate) fn new(resource: &Resource) -> Self {
        Self {
            resource: resource.clone(),
            clock: Arc::new(SystemClock::new()),
            events: Targets::new().with_default(LevelFilter::INFO),
            spans: LevelFilter::TRACE,
            sinks: Vec::new(),
            has_lines: true,
            otel: None,
            queue_bytes: DEFAULT_QUEUE_BYTES,
            has_internal_logs: true,
            has_upkeep: true,
            has_code_location: false,
            span_fields: SpanFields::all(),
            groups: Vec::new(),
            baggage: Vec::new(),
            context: Vec::new(),
            renames: HashMap::new(),
            errors: ErrorTypes::default(),
            redaction: Redaction::default(),
            schema: None,
            sampling: None,
            cpu: None,
            buffer: None,
            registry: None,
            error: None,
        }
    }

    /// The clock timestamps are read from; the operating system's otherwise.
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Which events are written: a level, or levels by target, such as `info,my_app=debug,h2=off`.
    /// The most specific target decides. `info` otherwise.
    ///
    /// Only this layer is affected; others still see the events it leaves out. May be
    /// [changed](LogGuard::set_level) later.
    pub fn with_level(mut self, table: &str) -> Self {
        match level::parse("with_level", table) {
            Ok(events) => self.events = events,
            Err(error) => self.keep(error),
        }
        self
    }

    /// How verbose spans may be to be seen. All are otherwise, whatever the level of events,
    /// because an event takes its ids and fields from the spans around it.
    ///
    /// Where this layer is the only one, a span it does not see is never created, which spares
    /// the cost of spans in libraries that open one for every frame.
    pub const fn with_span_level(mut self, most_verbose: LevelFilter) -> Self {
        self.spans = most_verbose;
        self
    }

    /// Where lines go, and nowhere else; the standard output otherwise.
    pub fn with_json(mut self, sink: JsonSink) -> Self {
        self.sinks = vec![sink];
        self
    }

    /// A further place for lines, with a profile and levels of its own.
    pub fn add_sink(mut self, sink: JsonSink) -> Self {
        self.sinks.push(sink);
        self
    }

    /// Writes no lines: records go to OpenTelemetry alone.
    pub fn without_lines(mut self) -> Self {
        self.sinks.clear();
        self.has_lines = false;
        self
    }

    /// Gives every record to OpenTelemetry as well, with the fields of the line and in the types of
    /// the log data model.
    ///
    /// The logger is called on the thread that logs: use a batching processor. The provider should
    /// have the same [`Resource`] as the bridge.
    pub fn with_otel<P>(mut self, provider: &P) -> Self
    where
        P: LoggerProvider,
        P::Logger: Logger + Send + Sync + 'static,
    {
        // The name of the scope is empty, and exporters take the target of a record for it.
        self.otel = Some(Box::new(provider.logger("")));
        self
    }

    /// Memory for the lines of a sink on their way, bytes: at least 256 KiB; 2 MiB otherwise.
    ///
    /// Half is for callers to append to while the other half is being written, in up to eight shards
    /// by thread. Of each, a quarter is kept for WARN and above.
    pub fn with_queue_bytes(mut self, bytes: usize) -> Self {
        if is_queue_size(bytes) {
            self.queue_bytes = bytes;
        } else {
            self.refuse("with_queue_bytes", "256 KiB to 1 GiB");
        }
        self
    }

    /// Whether to write what the OpenTelemetry libraries log about themselves (targets that start
    /// with `opentelemetry`), at WARN and above. They do otherwise.
    ///
    /// Such lines carry no ids, and are not given to OpenTelemetry. What is not written is counted as
    /// [`DropReason::Internal`](crate::DropReason::Internal).
    pub const fn with_internal_logs(mut self, written: bool) -> Self {
        self.has_internal_logs = written;
        self
    }

    /// Whether events say where in the source they are: `code.file.path`, `code.line.number` and
    /// `code.function.name`. They do not otherwise.
    pub const fn with_code_location(mut self, written: bool) -> Self {
        self.has_code_location = written;
        self
    }

    /// Which fields of spans the events inside carry; all otherwise. The innermost span wins, and the
    /// event itself before it.
    pub fn with_span_fields(mut self, fields: SpanFields) -> Self {
        self.span_fields = fields;
        self
    }

    /// A field whose values in the spans around an event are joined, outermost first, instead of the
    /// innermost winning: `component = "checkout"` around `component = "payment"` is
    /// `checkout/payment`.
    pub fn add_group(mut self, field: impl Into<String>) -> Self {
        self.groups.push(field.into());
        self
    }

    /// A field that every event has from an entry of the baggage in its context. Entries that are
    /// not declared are never written: they are whatever a caller sent.
    pub fn add_baggage_field(mut self, field: impl Into<String>, key: impl Into<String>) -> Self {
        let field = field.into();
        self.check_name("add_baggage_field", &field);
        self.baggage.push((field, key.into()));
        self
    }

    /// A field that every event has from its context: a tenant, the identity of the peer or of this
    /// workload.
    ///
    /// `read` is called for each event that has a context, on the thread that logs. It must be brief
    /// and must not log; one that panics gives nothing.
    pub fn add_context_field(
        mut self,
        field: impl Into<String>,
        read: impl Fn(&Context) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        let field = field.into();
        self.check_name("add_context_field", &field);
        self.context.push((field, Box::new(read)));
        self
    }

    /// Writes fields under other names, on all sinks: `(name in the code, name written)`. Tables are
    /// in [`vocabulary`](crate::vocabulary).
    pub fn with_names(mut self, table: &[(&str, &str)]) -> Self {
        let pairs = table
            .iter()
            .map(|(from, to)| ((*from).to_owned(), (*to).to_owned()));
        self.renames.extend(pairs);
        self
    }

    /// A type of error to be recognised, so that its name is the `exception.type` of an event with a
    /// field of it. Some of the standard library's are known.
    pub fn add_error_type<E: Error + 'static>(mut self) -> Self {
        self.errors.add::<E>();
        self
    }

    /// What is redacted; [`Redaction::default`] otherwise.
    pub fn with_redaction(mut self, redaction: Redaction) -> Self {
        self.redaction = redaction;
        self
    }

    /// The fields that may be logged, and what becomes of others.
    pub fn with_schema(mut self, schema: Schema, on_drift: OnDrift) -> Self {
        self.schema = Some(SchemaRules { schema, on_drift });
        self
    }

    /// Which events are kept; all otherwise. May be [changed](LogGuard::set_sampling) later.
    pub fn with_sampling(mut self, sampling: Sampling) -> Self {
        self.sampling = Some(sampling);
        self
    }

    /// How busy the processors are, 0.0 to 1.0, for [`Shedding`](crate::Shedding). Otherwise that of
    /// this process is read, on Linux.
    pub fn with_cpu(mut self, read: impl Fn() -> Option<f64> + Send + Sync + 'static) -> Self {
        self.cpu = Some(Box::new(read));
        self
    }

    /// Holds the quiet events of each request and writes them if it fails.
    pub const fn with_request_buffer(mut self, buffer: RequestBuffer) -> Self {
        self.buffer = Some(buffer);
        self
    }

    /// The store of metrics for what the bridge counts: families `log.bridge.*`.
    pub fn with_registry(mut self, registry: &Registry) -> Self {
        self.registry = Some(registry.clone());
        self
    }

    /// Whether a thread looks at the load and brings the metrics up to date once a second, where
    /// there is a sampling or a registry. It does otherwise; without it,
    /// [`adjust_sampling`](LogGuard::adjust_sampling) and [`flush`](LogGuard::flush) do.
    pub const fn with_upkeep(mut self, is_kept: bool) -> Self {
        self.has_upkeep = is_kept;
        self
    }

    /// Starts the writer threads and finishes the layer.
    ///
    /// It must be added behind the layer that makes OpenTelemetry spans, if there is one; rather use
    /// [`build_with`](Self::build_with) then. One that stands in front is found out, as soon as a
    /// span shows it, and says so once in the log and in [`stats`](LogGuard::stats).
    ///
    /// # Errors
    ///
    /// The first value that was refused, or that no thread could be started.
    pub fn build<S>(self) -> Result<(LogLayer<S>, LogGuard), ConfigError>
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        self.finish(LayerOrder::default())
    }

    /// As [`build`](Self::build), with the layer that makes OpenTelemetry spans in front of the
    /// bridge, where it has to be. It is given spans and no events, so that an event is stored once.
    ///
    /// ```
    /// use opentelemetry_sdk::trace::SdkTracerProvider;
    /// use otel_core::opentelemetry::trace::TracerProvider;
    /// use otel_core::resource::Resource;
    /// use otel_log_bridge::{JsonSink, LogBridge};
    /// use tracing_subscriber::layer::SubscriberExt;
    ///
    /// # fn main() -> Result<(), otel_core::ConfigError> {
    /// let tracer = SdkTracerProvider::builder().build().tracer("shop");
    /// let spans = tracing_opentelemetry::layer().with_tracer(tracer);
    /// let (sink, lines) = JsonSink::memory();
    /// let resource = Resource::builder().with_service_name("shop").build()?;
    /// let (layer, guard) = LogBridge::builder(&resource).with_json(sink).build_with(spans)?;
    ///
    /// let subscriber = tracing_subscriber::registry().with(layer);
    /// tracing::subscriber::with_default(subscriber, || {
    ///     tracing::info_span!("request").in_scope(|| tracing::info!("accepted"));
    /// });
    /// guard.flush(std::time::Duration::from_secs(5));
    /// assert!(lines.text().contains(r#""trace_id":""#));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`build`](Self::build).
    pub fn build_with<L, S>(
        self,
        spans: L,
    ) -> Result<(SpanAndLogLayer<L, S>, LogGuard), ConfigError>
    where
        L: Layer<S>,
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        let gate = SpansOnly {
            most_verbose: self.spans,
        };
        let (layer, guard) = self.finish(LayerOrder::behind())?;
        Ok((Filtered::new(spans, gate).and_then(layer), guard))
    }

    fn finish<S>(mut self, order: LayerOrder) -> Result<(LogLayer<S>, LogGuard), ConfigError>
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        if let Some(error) = self.error {
            return Err(error);
        }
        if self.sinks.is_empty() && self.has_lines {
            self.sinks.push(JsonSink::stdout());
        }
        let schema_id = self.schema.as_ref().map(|rules| rules.schema.id());
        let mut lines = Vec::new();
        for sink in self.sinks {
            let bytes = sink.queue_bytes.unwrap_or(self.queue_bytes);
            if !is_queue_size(bytes) {
                return Err(ConfigError::invalid("with_queue_bytes", "256 KiB to 1 GiB"));
            }
            let (queue, buffers) = Queue::new(bytes);
            let encoder = Encoder::new(sink.profile);
            let resource = ResourceMembers::new(&self.resource, &encoder, schema_id.clone());
            let sink_lines = Arc::new(Lines {
                name: sink.name.into(),
                encoder,
                resource: Arc::new(resource),
                queue: Arc::new(queue),
                levels: sink.levels,
            });
            let writer = Writer {
                out: sink.out,
                lines: Arc::clone(&sink_lines),
                clock: Arc::clone(&self.clock),
            };
            writer.spawn(buffers).map_err(no_thread)?;
            lines.push(sink_lines);
        }
        let context_fields = ContextField::all(self.baggage, self.context, &self.redaction);
        let lent = context_fields
            .iter()
            .fold(0, |set, field| set | field.name.bit());
        let held = self.buffer.map_or(LevelFilter::OFF, |buffer| {
            LevelFilter::from_level(buffer.level)
        });
        let gate = LevelGate::new(self.events, self.spans, held);
        let needs_keeper = self.has_upkeep && (self.registry.is_some() || self.sampling.is_some());
        let metrics = self.registry.as_ref().map(Metrics::new);
        let sampler = self
            .sampling
            .map(|sampling| Arc::new(Sampler::new(sampling)));
        if let (Some(metrics), Some(sampler)) = (&metrics, &sampler) {
            metrics.shares(sampler);
        }
        let lends_members = self.otel.is_none()
            && self.buffer.is_none()
            && self.schema.is_none()
            && self.groups.is_empty()
            && context_fields.is_empty()
            && !self.has_code_location
            && lines.iter().all(|lines| lines.encoder.is_identity());
        let shared = Arc::new(Shared {
            rules: Rules {
                exception: [semconv::EXCEPTION_MESSAGE, semconv::EXCEPTION_STACKTRACE]
                    .map(|name| self.redaction.treatment(name)),
                redaction: self.redaction,
                schema: self.schema,
                drift: DriftLog::default(),
                renames: self.renames,
                has_code_location: self.has_code_location,
                span_fields: self.span_fields,
                lent: AtomicU64::new(lent),
            },
            errors: self.errors,
            plans: PlanTable::new(),
            counters: Counters::default(),
            gate: gate.clone(),
            order,
            lines,
            otel: self
                .otel
                .map(|otel| OtelSink::new(otel, schema_id.as_deref())),
            is_sampling: AtomicBool::new(sampler.is_some()),
            sampler: ArcSwapOption::new(sampler),
            controller: Mutex::new(Controller::new(self.cpu, &*self.clock)),
            buffers: self.buffer.map(Buffers::new),
            context_fields,
            groups: self
                .groups
                .iter()
                .filter_map(|name| Name::intern(name))
                .collect(),
            has_internal_logs: self.has_internal_logs,
            metrics,
            told_drifts: AtomicUsize::new(0),
            updates: Updates::default(),
            lends_members,
            clock: self.clock,
        });
        let keeper = needs_keeper.then(|| Keeper::spawn(&shared));
        let keeper = keeper.transpose().map_err(no_thread)?;
        let bridge = LogBridge::new(Arc::clone(&shared));
        Ok((Filtered::new(bridge, gate), LogGuard::new(shared, keeper)))
    }

    fn check_name(&mut self, setting: &'static str, name: &str) {
        if name.is_empty() || keys::is_reserved(name) {
            self.refuse(setting, "a name that is not empty and not the bridge's own");
        }
    }

    fn refuse(&mut self, setting: &'static str, accepts: &str) {
        self.keep(ConfigError::invalid(setting, accepts));
    }

    fn keep(&mut self, error: ConfigError) {
        self.error.get_or_insert(error);
    }
}

impl std::fmt::Debug for LogBridgeBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LogBridgeBuilder")
            .field("resource", &self.resource)
            .field("sinks", &self.sinks)
            .field("redaction", &self.redaction)
            .finish_non_exhaustive()
    }
}

const fn is_queue_size(bytes: usize) -> bool {
    MIN_QUEUE_BYTES <= bytes && bytes <= MAX_QUEUE_BYTES
}

#[expect(clippy::needless_pass_by_value, reason = "given to `map_err`")]
fn no_thread(error: std::io::Error) -> ConfigError {
    ConfigError::invalid("build", format!("a thread of the bridge: {error}"))
}
