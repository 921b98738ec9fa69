//! How a bridge is put together.

use std::sync::Arc;

use otel_core::ConfigError;
use otel_core::clock::{Clock, SystemClock};
use otel_core::resource::Resource;
use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::{Filtered, Targets};
use tracing_subscriber::registry::LookupSpan;

use crate::bridge::{LogBridge, LogLayer, Shared};
use crate::encode::resource::ResourceMembers;
use crate::guard::LogGuard;
use crate::level::LevelGate;
use crate::plan::PlanTable;
use crate::sink::{JsonSink, MIN_QUEUE_BYTES, Queue, Writer};
use crate::stats::Counters;

const DEFAULT_QUEUE_BYTES: usize = 1 << 20;
/// A budget above this is a mistake of units.
const MAX_QUEUE_BYTES: usize = 1 << 30;

/// Collects what a [`LogBridge`] needs.
#[derive(Debug)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct LogBridgeBuilder {
    resource: Resource,
    clock: Arc<dyn Clock>,
    events: Targets,
    spans: LevelFilter,
    json: Option<JsonSink>,
    queue_bytes: usize,
    has_internal_logs: bool,
    error: Option<ConfigError>,
}

impl LogBridgeBuilder {
    pub(crate) fn new(resource: &Resource) -> Self {
        Self {
            resource: resource.clone(),
            clock: Arc::new(SystemClock::new()),
            events: Targets::new().with_default(LevelFilter::INFO),
            spans: LevelFilter::TRACE,
            json: None,
            queue_bytes: DEFAULT_QUEUE_BYTES,
            has_internal_logs: true,
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
    /// Only this layer is affected; others still see the events it leaves out.
    pub fn with_level(mut self, table: &str) -> Self {
        match table.parse() {
            Ok(events) if !table.trim().is_empty() => self.events = events,
            _ => self.refuse(
                "with_level",
                "a level, or `target=level` pairs joined by commas",
            ),
        }
        self
    }

    /// How verbose spans may be to be seen. All are otherwise, whatever the level of events,
    /// because an event takes its ids from the spans around it.
    ///
    /// Where this layer is the only one, a span it does not see is never created, which spares
    /// the cost of spans in libraries that open one for every frame.
    pub const fn with_span_level(mut self, most_verbose: LevelFilter) -> Self {
        self.spans = most_verbose;
        self
    }

    /// Where lines go; the standard output otherwise.
    pub fn with_json(mut self, sink: JsonSink) -> Self {
        self.json = Some(sink);
        self
    }

    /// Memory for lines on their way, bytes: at least 256 KiB; 1 MiB otherwise.
    ///
    /// Half is for callers to append to while the other half is being written. Of each half, a
    /// quarter is kept for WARN and above.
    pub fn with_queue_bytes(mut self, bytes: usize) -> Self {
        if (MIN_QUEUE_BYTES..=MAX_QUEUE_BYTES).contains(&bytes) {
            self.queue_bytes = bytes;
        } else {
            self.refuse("with_queue_bytes", "256 KiB to 1 GiB");
        }
        self
    }

    /// Whether to write what the OpenTelemetry libraries log about themselves (targets that start
    /// with `opentelemetry`), at WARN and above. They do otherwise.
    ///
    /// Such lines carry no ids. What is not written is counted as
    /// [`DropReason::Internal`](crate::DropReason::Internal).
    pub const fn with_internal_logs(mut self, written: bool) -> Self {
        self.has_internal_logs = written;
        self
    }

    /// Starts the writer thread and finishes the layer.
    ///
    /// # Errors
    ///
    /// The first value that was refused, or that no thread could be started.
    pub fn build<S>(self) -> Result<(LogLayer<S>, LogGuard), ConfigError>
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        if let Some(error) = self.error {
            return Err(error);
        }
        let (queue, buffer) = Queue::new(self.queue_bytes);
        let queue = Arc::new(queue);
        let resource = Arc::new(ResourceMembers::new(&self.resource));
        let writer = Writer {
            out: self.json.unwrap_or_else(JsonSink::stdout).into_writer(),
            queue: Arc::clone(&queue),
            clock: Arc::clone(&self.clock),
            resource: Arc::clone(&resource),
        };
        writer
            .spawn(buffer)
            .map_err(|error| ConfigError::invalid("build", format!("a writer thread: {error}")))?;
        let shared = Arc::new(Shared {
            clock: self.clock,
            resource,
            plans: PlanTable::new(),
            counters: Counters::default(),
            queue,
            has_internal_logs: self.has_internal_logs,
        });
        let bridge = LogBridge::new(Arc::clone(&shared));
        let gate = LevelGate::new(self.events, self.spans);
        Ok((Filtered::new(bridge, gate), LogGuard::new(shared)))
    }

    fn refuse(&mut self, setting: &'static str, accepts: &str) {
        self.error
            .get_or_insert_with(|| ConfigError::invalid(setting, accepts));
    }
}
