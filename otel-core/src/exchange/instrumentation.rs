//! What one layer holds for all of its exchanges.

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::AtEnd;
use super::alias::{Alias, AliasFamilies};
use super::observer::ExchangeObserver;
use super::operation::{Operation, OperationParts, Operations};
use crate::diagnostics::Fault;
use crate::intern::intern;
use crate::outcome::{Classify, Side};
use crate::registry::{Buckets, Counter, Descriptor, Family, Histogram, UpDownCounter};
use crate::semconv::{self, SemconvMode};
use crate::span_starter::SpanStarter;
use crate::telemetry::Telemetry;

/// Operations a layer keeps unless told otherwise.
const DEFAULT_OPERATIONS: NonZeroUsize = NonZeroUsize::new(1024).unwrap();

/// Routes that are told apart in the count of parents, and its series.
const MAX_ROUTES: usize = 500;
const MAX_PARENT_SERIES: usize = 2000;

/// Which signals a layer produces.
///
/// ```
/// use otel_core::exchange::Signals;
///
/// let quiet = Signals::ALL.without_log_lines();
/// assert!(quiet.metrics() && !quiet.log_lines());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signals {
    traces: bool,
    metrics: bool,
    context: bool,
    facts: bool,
    log_lines: bool,
}

impl Signals {
    /// Spans, metrics, a context with the request id, and a log line at the end of each exchange.
    pub const ALL: Self = Self {
        traces: true,
        metrics: true,
        context: true,
        facts: true,
        log_lines: true,
    };
    /// Nothing at all.
    pub const NONE: Self = Self {
        traces: false,
        metrics: false,
        context: false,
        facts: false,
        log_lines: false,
    };
    /// The context alone: the caller's trace and the request id are passed on, so that what happens
    /// inside is not orphaned, and nothing is said of the exchange itself.
    pub const CONTEXT: Self = Self {
        context: true,
        facts: true,
        ..Self::NONE
    };
    /// Metrics alone: the context is neither read nor written.
    pub const METRICS: Self = Self {
        traces: false,
        metrics: true,
        context: false,
        facts: false,
        log_lines: false,
    };

    /// The same without the log line at the end.
    #[must_use]
    pub const fn without_log_lines(self) -> Self {
        Self {
            log_lines: false,
            ..self
        }
    }

    /// The same without durations and the number in flight.
    #[must_use]
    pub const fn without_metrics(self) -> Self {
        Self {
            metrics: false,
            ..self
        }
    }

    /// The same without spans; the caller's context is still passed on.
    #[must_use]
    pub const fn without_traces(self) -> Self {
        Self {
            traces: false,
            ..self
        }
    }
    /// The same without the facts of the request in the context: its span is current as before, but
    /// there is no request id, no state of the caller beyond its span, and nothing for a route to be
    /// told to. Three allocations less.
    #[must_use]
    pub const fn without_facts(self) -> Self {
        Self {
            facts: false,
            ..self
        }
    }

    /// What is in both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            traces: self.traces && other.traces,
            metrics: self.metrics && other.metrics,
            context: self.context && other.context,
            facts: self.facts && other.facts,
            log_lines: self.log_lines && other.log_lines,
        }
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_none(self) -> bool {
        !(self.traces || self.metrics || self.context || self.log_lines)
    }

    /// Whether spans are started.
    #[must_use]
    pub const fn traces(self) -> bool {
        self.traces
    }

    /// Whether durations and the number in flight are recorded.
    #[must_use]
    pub const fn metrics(self) -> bool {
        self.metrics
    }

    /// Whether the exchange is made the current context.
    #[must_use]
    pub const fn context(self) -> bool {
        self.context
    }

    /// Whether the context holds the [`ExchangeContext`](super::ExchangeContext) of a request.
    #[must_use]
    pub const fn facts(self) -> bool {
        self.facts
    }

    /// Whether each exchange ends with a log line.
    #[must_use]
    pub const fn log_lines(self) -> bool {
        self.log_lines
    }
}

/// The metric families a layer records into.
#[derive(Clone, Debug)]
pub(super) struct Instruments {
    duration: Option<Family<Histogram>>,
    active: Option<Family<UpDownCounter>>,
    alias: Option<AliasFamilies>,
    parents: Option<Family<Counter>>,
    semconv: SemconvMode,
}

impl Instruments {
    pub(super) const fn duration(&self) -> Option<&Family<Histogram>> {
        self.duration.as_ref()
    }

    pub(super) const fn semconv(&self) -> SemconvMode {
        self.semconv
    }

    pub(super) const fn active(&self) -> Option<&Family<UpDownCounter>> {
        self.active.as_ref()
    }

    pub(super) const fn alias(&self) -> Option<&AliasFamilies> {
        self.alias.as_ref()
    }

    pub(super) const fn parents(&self) -> Option<&Family<Counter>> {
        self.parents.as_ref()
    }
}

/// Makes an operation from its variant and its name (`""` while the name is not known).
type Describe = dyn Fn(u64, &'static str) -> OperationParts + Send + Sync;

/// One layer's share of a [`Telemetry`]: its tracer, families, rules and known operations.
pub struct Instrumentation {
    telemetry: Telemetry,
    classify: Classify,
    side: Side,
    signals: Signals,
    instruments: Instruments,
    operations: Operations,
    describe: Box<Describe>,
    spans: Option<Arc<dyn SpanStarter>>,
    spans_disabled: AtomicBool,
    at_end: Option<Box<dyn AtEnd>>,
    recorder: Option<Box<dyn ExchangeObserver>>,
}

impl Instrumentation {
    /// Starts the instrumentation of one end of one protocol.
    ///
    /// `duration` describes the histogram of durations, in seconds, which gets the buckets of the
    /// conventions; `active` the number of exchanges in flight. `describe` says what an operation
    /// is when it is first met, from its variant and its name (`""` while it has none).
    pub fn builder(
        telemetry: &Telemetry,
        (classify, side): (Classify, Side),
        duration: Descriptor,
        active: Descriptor,
        describe: impl Fn(u64, &'static str) -> OperationParts + Send + Sync + 'static,
    ) -> InstrumentationBuilder {
        InstrumentationBuilder {
            telemetry: telemetry.clone(),
            classify,
            side,
            signals: Signals::ALL,
            scope: (env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION")),
            duration,
            active,
            describe: Box::new(describe),
            max_operations: DEFAULT_OPERATIONS,
            buckets: Buckets::semconv_seconds(),
            semconv: SemconvMode::default(),
            records_duration: true,
            at_end: None,
            alias: None,
            has_standard_names: true,
            recorder: None,
        }
    }

    /// The operation of a kind of request: kept from before, or described now.
    ///
    /// `variant` holds what is known from a closed set, such as the method; `name` is the route or
    /// RPC method, `""` while it is not known. Once as many operations are kept as the layer may
    /// keep, further names fold into the nameless operation of their variant, and are counted
    /// under `telemetry.faults`.
    pub fn operation(&self, variant: u64, name: &str) -> Arc<Operation> {
        self.operations
            .get(variant, name)
            .unwrap_or_else(|| self.first_sight(variant, name))
    }

    /// The operation, if it is kept already.
    #[must_use]
    pub fn known_operation(&self, variant: u64, name: &str) -> Option<Arc<Operation>> {
        self.operations.get(variant, name)
    }

    fn first_sight(&self, variant: u64, name: &str) -> Arc<Operation> {
        let kept = (name.is_empty() || self.operations.has_room())
            .then(|| intern(name))
            .flatten();
        let Some(name) = kept else {
            self.telemetry.diagnostics().count(Fault::OperationFolded);
            return self.operation(variant, "");
        };
        let parts = (self.describe)(variant, name);
        let operation = parts.build(&self.instruments, variant, name);
        self.operations.insert(name, operation)
    }

    /// The handle it was built from.
    #[must_use]
    pub const fn telemetry(&self) -> &Telemetry {
        &self.telemetry
    }

    /// The signals it produces.
    #[must_use]
    pub const fn signals(&self) -> Signals {
        self.signals
    }

    pub(super) const fn classify(&self) -> Classify {
        self.classify
    }

    pub(super) const fn side(&self) -> Side {
        self.side
    }

    pub(super) const fn semconv(&self) -> SemconvMode {
        self.instruments.semconv
    }
    pub(super) fn at_end(&self) -> Option<&dyn AtEnd> {
        self.at_end.as_deref()
    }

    pub(super) const fn instruments(&self) -> &Instruments {
        &self.instruments
    }

    /// What the layer itself records of each end.
    pub(super) fn recorder(&self) -> Option<&dyn ExchangeObserver> {
        self.recorder.as_deref()
    }

    /// The tracer, while it may be used.
    pub(super) fn spans(&self) -> Option<&dyn SpanStarter> {
        self.spans
            .as_deref()
            .filter(|_| !self.spans_disabled.load(Ordering::Relaxed))
    }

    /// A processor that panics once may panic on every request; spans stop, requests do not.
    pub(super) fn disable_spans(&self) {
        self.spans_disabled.store(true, Ordering::Relaxed);
        self.telemetry.diagnostics().count(Fault::SpanPanicked);
    }
}

impl fmt::Debug for Instrumentation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Instrumentation")
            .field("classify", &self.classify)
            .field("side", &self.side)
            .field("signals", &self.signals)
            .finish_non_exhaustive()
    }
}

/// Collects what an [`Instrumentation`] needs.
#[must_use = "a builder does nothing until `build` is called"]
pub struct InstrumentationBuilder {
    telemetry: Telemetry,
    classify: Classify,
    side: Side,
    signals: Signals,
    scope: (&'static str, &'static str),
    duration: Descriptor,
    active: Descriptor,
    describe: Box<Describe>,
    max_operations: NonZeroUsize,
    buckets: Buckets,
    semconv: SemconvMode,
    records_duration: bool,
    at_end: Option<Box<dyn AtEnd>>,
    alias: Option<Alias>,
    has_standard_names: bool,
    recorder: Option<Box<dyn ExchangeObserver>>,
}

impl InstrumentationBuilder {
    /// Name and version of the instrumentation scope of its spans.
    pub const fn with_scope(mut self, name: &'static str, version: &'static str) -> Self {
        self.scope = (name, version);
        self
    }

    /// The signals to produce; all of them otherwise.
    pub const fn with_signals(mut self, signals: Signals) -> Self {
        self.signals = signals;
        self
    }

    /// The buckets of the duration; those of the HTTP conventions otherwise.
    pub fn with_buckets(mut self, buckets: Buckets) -> Self {
        self.buckets = buckets;
        self
    }

    /// The generation of the RPC conventions that spans and durations follow.
    pub const fn with_semconv(mut self, semconv: SemconvMode) -> Self {
        self.semconv = semconv;
        self
    }

    /// Leaves the duration to [`AtEnd`].
    pub const fn without_duration(mut self) -> Self {
        self.records_duration = false;
        self
    }

    /// What the protocol adds at every end.
    pub fn with_at_end(mut self, at_end: impl AtEnd) -> Self {
        self.at_end = Some(Box::new(at_end));
        self
    }

    /// How many operations are kept; 1,024 otherwise.
    pub const fn with_max_operations(mut self, max: NonZeroUsize) -> Self {
        self.max_operations = max;
        self
    }

    /// Records under other names too.
    pub fn with_alias(mut self, alias: Alias) -> Self {
        self.alias = Some(alias);
        self
    }

    /// Leaves the families of the conventions out, where an [alias](Self::with_alias) takes their
    /// place.
    pub const fn without_standard_names(mut self) -> Self {
        self.has_standard_names = false;
        self
    }

    /// What a layer records of its own exchanges besides the duration. Told of each end before
    /// observers are, and only where metrics are produced; it is the layer's own code and must not
    /// panic.
    pub fn with_recorder(mut self, recorder: impl ExchangeObserver) -> Self {
        self.recorder = Some(Box::new(recorder));
        self
    }

    /// Registers the families and gets the tracer.
    #[must_use]
    pub fn build(self) -> Arc<Instrumentation> {
        let registry = self.telemetry.registry();
        let instruments = Instruments {
            alias: self
                .alias
                .map(|alias| alias.register(registry, self.buckets.clone())),
            duration: (self.has_standard_names && self.records_duration)
                .then(|| registry.histogram(self.duration, self.buckets)),
            active: self
                .has_standard_names
                .then(|| registry.up_down_counter(self.active)),
            parents: (self.side == Side::Server && self.signals.context).then(|| {
                registry.counter(
                    Descriptor::new(semconv::EXCHANGE_PARENTS)
                        .with_help(
                            "Requests received, by where the parent of their span came from.",
                        )
                        .with_label_budget(semconv::HTTP_ROUTE, MAX_ROUTES)
                        .with_series_budget(MAX_PARENT_SERIES),
                )
            }),
            semconv: self.semconv,
        };
        let (name, version) = self.scope;
        let spans = self
            .signals
            .traces
            .then(|| {
                let schema_url = self.semconv.schema_url();
                self.telemetry.span_starter(name, version, schema_url)
            })
            .flatten();
        Arc::new(Instrumentation {
            telemetry: self.telemetry,
            classify: self.classify,
            side: self.side,
            signals: self.signals,
            instruments,
            operations: Operations::new(self.max_operations.get()),
            describe: self.describe,
            spans,
            spans_disabled: AtomicBool::new(false),
            at_end: self.at_end,
            recorder: self.recorder,
        })
    }
}

impl fmt::Debug for InstrumentationBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InstrumentationBuilder")
            .field("classify", &self.classify)
            .field("side", &self.side)
            .field("signals", &self.signals)
            .finish_non_exhaustive()
    }
}
