//! Everything one exchange left behind, in every signal.
//!
//! A test that looks at one signal cannot see that two disagree. A [`Probe`] holds a pipeline of
//! each: an in-memory exporter, a registry, and JSON log lines; and gives out what all of them say
//! of the same exchange.

use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::time::Duration;

use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use otel_core::exchange::{ExchangeEnd, ExchangeObserver};
use otel_core::opentelemetry::trace::{Status, TraceContextExt, TraceId};
use otel_core::outcome::Outcome;
use otel_core::registry::Registry;
use otel_core::semconv;
use otel_core::telemetry::{Telemetry, TelemetryBuilder};
use otel_log_bridge::{CapturedLines, JsonSink, LogBridge, LogGuard};
use serde_json::Value;
use tokio::sync::mpsc;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::tears::tears;

/// How long a test waits for something that must happen.
const PATIENCE: Duration = Duration::from_secs(10);

/// A pipeline of each signal, with its own registry and exporter.
///
/// Log lines are shared by the process, as the `tracing` subscriber is; they are told apart by the
/// trace id.
#[derive(Debug)]
pub struct Probe {
    telemetry: Telemetry,
    provider: SdkTracerProvider,
    spans: InMemorySpanExporter,
    ends: mpsc::UnboundedReceiver<End>,
    trace_id: TraceId,
}

/// What an observer was told at the end of an exchange.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "read field by field in tests")]
pub struct End {
    /// The verdict.
    pub outcome: Outcome,
    /// From arrival to the last frame.
    pub duration: Duration,
    /// From arrival to the head.
    pub time_to_head: Option<Duration>,
    /// The trace it belongs to.
    pub trace_id: TraceId,
    /// The span name.
    pub name: &'static str,
}

/// What each signal says of one exchange.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "read field by field in tests")]
pub struct Verdicts {
    /// Spans of its kind in its trace.
    pub spans: Vec<SpanVerdict>,
    /// Series of durations in the registry.
    pub durations: Vec<Series>,
    /// The number in flight, over all series.
    pub in_flight: i64,
    /// Entries in the in-flight table.
    pub running: usize,
    /// The log lines that end an exchange, in its trace.
    pub log_lines: Vec<Value>,
    /// Other lines of the same request id that lack the trace id, and lines of the trace that lack
    /// the request id.
    pub lines_without_ids: usize,
}

/// A span, as far as a verdict shows on it.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "read field by field in tests")]
pub struct SpanVerdict {
    /// Its name.
    pub name: String,
    /// `exchange.outcome`.
    pub outcome: String,
    /// Its own id, in hexadecimal.
    pub span_id: String,
    /// The id of its parent, in hexadecimal.
    pub parent_id: String,
    /// The protocol's status code, where it is a number.
    pub status: Option<i64>,
    /// The status of a gRPC call, by name.
    pub grpc_status: Option<String>,
    /// `error.type`.
    pub error_type: Option<String>,
    /// Whether its status is `Error`.
    pub is_error: bool,
    /// From its start to its end.
    pub duration: Duration,
    /// All of its attributes, as text.
    pub attributes: BTreeMap<String, String>,
    /// Attributes written more than once.
    pub repeated: Vec<String>,
    /// The spans it links to, as `{trace id}-{span id}`.
    pub links: Vec<String>,
}

/// One series of a histogram of durations.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "read field by field in tests")]
pub struct Series {
    /// Its labels, by exposed name.
    pub labels: BTreeMap<String, String>,
    /// How many durations it holds.
    pub count: u64,
}

impl Default for Probe {
    fn default() -> Self {
        Self::new()
    }
}

impl Probe {
    /// A probe with every signal and an in-flight table.
    #[must_use]
    pub fn new() -> Self {
        Self::with(|builder| builder)
    }

    /// A probe whose telemetry is configured further.
    #[must_use]
    pub fn with(configure: impl FnOnce(TelemetryBuilder) -> TelemetryBuilder) -> Self {
        let _ = lines();
        let spans = InMemorySpanExporter::default();
        let provider = SdkTracerProvider::builder()
            .with_simple_exporter(spans.clone())
            .build();
        let builder = Telemetry::builder()
            .with_tracer_provider(provider.clone())
            .with_registry(Registry::new())
            .with_in_flight(1024);
        #[expect(clippy::expect_used, reason = "a test's own configuration")]
        let telemetry = configure(builder).build().expect("a valid configuration");
        let (tell, ends) = mpsc::unbounded_channel();
        telemetry.observe(Ends(tell));
        Self {
            telemetry,
            provider,
            spans,
            ends,
            trace_id: random_trace_id(),
        }
    }

    /// The handle to give to layers.
    #[must_use]
    pub const fn telemetry(&self) -> &Telemetry {
        &self.telemetry
    }

    /// A sampled `traceparent` of the trace this probe looks for.
    #[must_use]
    pub fn traceparent(&self) -> String {
        format!("00-{}-00f067aa0ba902b7-01", self.trace_id)
    }

    /// Waits for the next end of an exchange; `None` when none comes within ten seconds.
    pub async fn next_end(&mut self) -> Option<End> {
        let next = tokio::time::timeout(PATIENCE, self.ends.recv());
        next.await.ok().flatten()
    }

    /// The ends that were told and not yet taken.
    pub fn further_ends(&mut self) -> usize {
        let mut further = 0;
        while self.ends.try_recv().is_ok() {
            further += 1;
        }
        further
    }

    /// What all signals say of the exchange that ended last.
    ///
    /// The observers are told last, so everything else has been written by then.
    #[must_use]
    pub fn verdicts(&self, end: &End) -> Verdicts {
        let _ = self.provider.force_flush();
        let spans = self.spans.get_finished_spans().unwrap_or_default();
        let (log_lines, lines_without_ids) = log_lines(end.trace_id);
        Verdicts {
            spans: spans
                .iter()
                .filter(|span| span.span_context.trace_id() == end.trace_id)
                .map(span_verdict)
                .collect(),
            durations: self.durations(),
            in_flight: self.in_flight(),
            running: self
                .telemetry
                .in_flight()
                .map_or(0, |table| table.running().len()),
            log_lines,
            lines_without_ids,
        }
    }

    /// Fails the test if the spans that have ended are not `traces` whole traces.
    ///
    /// # Panics
    ///
    /// If a trace is torn; the message names each place.
    #[expect(clippy::panic, reason = "an assertion")]
    pub fn assert_unbroken(&self, traces: usize) {
        let _ = self.provider.force_flush();
        let spans = self.spans.get_finished_spans().unwrap_or_default();
        let torn = tears(&spans, traces);
        if !torn.is_empty() {
            let places: Vec<_> = torn.iter().map(ToString::to_string).collect();
            panic!("the trace is torn:\n  {}", places.join("\n  "));
        }
    }

    fn durations(&self) -> Vec<Series> {
        let snapshot = self.telemetry.registry().collect();
        snapshot
            .families()
            .filter(|family| family.name().ends_with("_duration_seconds"))
            .flat_map(|family| {
                family.series().map(|series| Series {
                    labels: series
                        .label_pairs()
                        .map(|(name, value)| (name.to_owned(), value.into_owned()))
                        .collect(),
                    count: series
                        .value()
                        .as_histogram()
                        .map_or(0, |value| value.count()),
                })
            })
            .collect()
    }

    fn in_flight(&self) -> i64 {
        let snapshot = self.telemetry.registry().collect();
        snapshot
            .families()
            .filter(|family| family.name().contains("_active_"))
            .flat_map(|family| {
                family
                    .series()
                    .map(|series| series.value().as_up_down_counter())
            })
            .map(Option::unwrap_or_default)
            .sum()
    }
}

struct Ends(mpsc::UnboundedSender<End>);

impl ExchangeObserver for Ends {
    fn on_end(&self, end: &ExchangeEnd<'_>) {
        let _ = self.0.send(End {
            outcome: end.outcome(),
            duration: end.duration(),
            time_to_head: end.time_to_head(),
            trace_id: end.context().span().span_context().trace_id(),
            name: end.name(),
        });
    }
}

fn span_verdict(span: &SpanData) -> SpanVerdict {
    let mut attributes = BTreeMap::new();
    let mut repeated = Vec::new();
    for attribute in &span.attributes {
        let name = attribute.key.as_str().to_owned();
        if attributes
            .insert(name.clone(), attribute.value.as_str().into_owned())
            .is_some()
        {
            repeated.push(name);
        }
    }
    let text = |name: &str| attributes.get(name).cloned();
    SpanVerdict {
        name: span.name.to_string(),
        outcome: text(semconv::EXCHANGE_OUTCOME).unwrap_or_default(),
        span_id: span.span_context.span_id().to_string(),
        parent_id: span.parent_span_id.to_string(),
        status: text(semconv::HTTP_RESPONSE_STATUS_CODE).and_then(|code| code.parse().ok()),
        grpc_status: text(semconv::RPC_RESPONSE_STATUS_CODE),
        error_type: text(semconv::ERROR_TYPE),
        is_error: matches!(span.status, Status::Error { .. }),
        duration: span
            .end_time
            .duration_since(span.start_time)
            .unwrap_or_default(),
        repeated,
        links: span
            .links
            .iter()
            .map(|link| {
                let linked = &link.span_context;
                format!("{}-{}", linked.trace_id(), linked.span_id())
            })
            .collect(),
        attributes,
    }
}

/// The lines that end an exchange in a trace, and how many lines of its request lack an id.
fn log_lines(trace_id: TraceId) -> (Vec<Value>, usize) {
    let (lines, guard) = lines();
    guard.flush(PATIENCE);
    let all: Vec<Value> = lines
        .lines()
        .iter()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    let trace = Value::from(trace_id.to_string());
    let of_trace = |line: &&Value| line.get("trace_id") == Some(&trace);
    let request = all
        .iter()
        .find(of_trace)
        .and_then(|line| line.get("request_id"));
    let of_request = |line: &&Value| request.is_some() && line.get("request_id") == request;
    let incomplete = all
        .iter()
        .filter(|line| of_trace(line) != of_request(line))
        .count();
    let ends = all
        .iter()
        .filter(of_trace)
        .filter(|line| line.get("target") == Some(&Value::from("exchange")))
        .cloned()
        .collect();
    (ends, incomplete)
}

/// The process's log lines. Installs the `tracing` subscriber on first use.
fn lines() -> &'static (CapturedLines, LogGuard) {
    static LINES: OnceLock<(CapturedLines, LogGuard)> = OnceLock::new();
    LINES.get_or_init(|| {
        let (sink, lines) = JsonSink::memory();
        #[expect(clippy::expect_used, reason = "a test's own configuration")]
        let (layer, guard) = otel_core::resource::Resource::builder()
            .with_service_name("probe")
            .build()
            .and_then(|resource| {
                // The line of a client that was answered is of level DEBUG.
                LogBridge::builder(&resource)
                    .with_level("info,exchange=debug")
                    .with_json(sink)
                    .build()
            })
            .expect("a valid configuration");
        tracing_subscriber::registry().with(layer).init();
        (lines, guard)
    })
}

/// A trace id no other test of the process uses.
fn random_trace_id() -> TraceId {
    use opentelemetry_sdk::trace::{IdGenerator, RandomIdGenerator};
    RandomIdGenerator::default().new_trace_id()
}
