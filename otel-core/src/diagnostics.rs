//! The suite's own faults, counted where a scrape can see them.
//!
//! A fault of telemetry is never returned to the request it happened in and never panics; it is
//! counted here, and the counts are a family of the registry like any other.

use std::sync::Arc;

use crate::registry::{Counter, Descriptor, Registry};
use crate::semconv;

/// What went wrong inside the suite or in foreign code it called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// An [`ExchangeObserver`](crate::exchange::ExchangeObserver) panicked and was disabled.
    ObserverPanicked,
    /// A tracer or span processor panicked; no further spans are started.
    SpanPanicked,
    /// A [`HeadSampler`](crate::sampling::HeadSampler) panicked; the SDK decided instead.
    SamplerPanicked,
    /// A `tracing` subscriber panicked on the log line of an exchange.
    LogPanicked,
    /// A running exchange found no room in the in-flight table.
    InFlightUntracked,
    /// A closure given to a layer panicked; the layer did what it does without one.
    HookPanicked,
    /// An exchange was of an operation the bounded table had no room for.
    OperationFolded,
    /// A propagation header was present and refused.
    ContextMalformed,
    /// Two propagation formats disagreed.
    ContextConflict,
    /// Members of a `tracestate` were dropped: malformed, too many, or too long.
    TracestateDiscarded,
    /// Baggage was dropped: malformed members, or a list over its limits.
    BaggageDiscarded,
    /// A tracer started a span without regard to its parent: the trace is torn there.
    ParentIgnored,
    /// A [`CallerPolicy`](crate::propagation::CallerPolicy) panicked; nothing of that caller was let in.
    PolicyPanicked,
    /// A caller's wish to be recorded went beyond its cap.
    SamplingCapped,
    /// Carried work found no room in the table of carried work.
    CarriedUntracked,
    /// Carried work of one place in the code has only ever grown.
    CarriedGrowing,
}

impl Fault {
    /// Every fault there is.
    pub const ALL: &'static [Self] = &[
        Self::ObserverPanicked,
        Self::SpanPanicked,
        Self::SamplerPanicked,
        Self::LogPanicked,
        Self::InFlightUntracked,
        Self::HookPanicked,
        Self::OperationFolded,
        Self::ContextMalformed,
        Self::ContextConflict,
        Self::TracestateDiscarded,
        Self::BaggageDiscarded,
        Self::ParentIgnored,
        Self::PolicyPanicked,
        Self::SamplingCapped,
        Self::CarriedUntracked,
        Self::CarriedGrowing,
    ];

    /// The word written to the metric.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ObserverPanicked => "observer_panicked",
            Self::SpanPanicked => "span_panicked",
            Self::SamplerPanicked => "sampler_panicked",
            Self::LogPanicked => "log_panicked",
            Self::InFlightUntracked => "in_flight_untracked",
            Self::HookPanicked => "hook_panicked",
            Self::OperationFolded => "operation_folded",
            Self::ContextMalformed => "context_malformed",
            Self::ContextConflict => "context_conflict",
            Self::TracestateDiscarded => "tracestate_discarded",
            Self::BaggageDiscarded => "baggage_discarded",
            Self::ParentIgnored => "parent_ignored",
            Self::PolicyPanicked => "policy_panicked",
            Self::SamplingCapped => "sampling_capped",
            Self::CarriedUntracked => "carried_untracked",
            Self::CarriedGrowing => "carried_growing",
        }
    }
}

/// Counters of the suite's own faults: the family `telemetry.faults`, label `telemetry.fault`.
#[derive(Clone, Debug)]
pub struct Diagnostics {
    counters: Arc<[Counter]>,
}

impl Diagnostics {
    /// Counters in the given registry, present from the start with the value 0.
    #[must_use]
    pub fn new(registry: &Registry) -> Self {
        let family = registry
            .counter(Descriptor::new(semconv::TELEMETRY_FAULTS).with_help(
                "Faults of the instrumentation itself; none of them reached a request.",
            ));
        Self {
            counters: Fault::ALL
                .iter()
                .map(|fault| family.with(&[(semconv::TELEMETRY_FAULT, fault.as_str())]))
                .collect(),
        }
    }

    /// Counts one fault.
    pub fn count(&self, fault: Fault) {
        if let Some(counter) = self.counters.get(fault as usize) {
            counter.inc();
        }
    }
}
