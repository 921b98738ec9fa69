//! The layer: one event, one line.

use std::fmt;
use std::sync::Arc;

use otel_core::clock::Clock;
use otel_core::resource::Resource;
use tracing::{Event, Subscriber, span};
use tracing_subscriber::filter::Filtered;
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::LookupSpan;

use crate::builder::LogBridgeBuilder;
use crate::capture::{Turn, Visitor};
use crate::encode::line::Parts;
use crate::encode::resource::ResourceMembers;
use crate::ids::Correlation;
use crate::level::LevelGate;
use crate::plan::{Plan, PlanTable, Planned};
use crate::severity::Severity;
use crate::sink::Queue;
use crate::stats::{Counters, LogStats};

/// What [`build`](LogBridgeBuilder::build) returns: the bridge behind its level gate.
pub type LogLayer<S> = Filtered<LogBridge, LevelGate, S>;

/// A [`Layer`] that writes each event once, as one line of JSON with the ids of its request.
///
/// Add it after the layer that makes OpenTelemetry spans current, if there is one: a span's ids
/// are read when the span is entered.
pub struct LogBridge {
    shared: Arc<Shared>,
}

pub(crate) struct Shared {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) resource: Arc<ResourceMembers>,
    pub(crate) plans: PlanTable,
    pub(crate) counters: Counters,
    pub(crate) queue: Arc<Queue>,
    pub(crate) has_internal_logs: bool,
}

impl LogBridge {
    /// Starts a bridge for the events of `resource`, the same value that traces and metrics are
    /// given.
    pub fn builder(resource: &Resource) -> LogBridgeBuilder {
        LogBridgeBuilder::new(resource)
    }

    pub(crate) const fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// What became of every event so far.
    #[must_use]
    pub fn stats(&self) -> LogStats {
        self.shared.stats()
    }
}

impl<S> Layer<S> for LogBridge
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    fn on_enter(&self, id: &span::Id, ctx: Context<'_, S>) {
        Correlation::keep(id, &ctx);
    }

    fn on_event(&self, event: &Event<'_>, ctx: Context<'_, S>) {
        let shared = &*self.shared;
        if shared.queue.is_closed() {
            shared.queue.refuse_closed();
            return;
        }
        let Some(turn) = Turn::take() else {
            shared.counters.reentrant();
            return;
        };
        match shared.plans.plan(event.metadata()) {
            Planned::Kept(plan) => shared.write(event, &ctx, plan, &turn),
            Planned::Made(plan) => {
                shared.counters.unplanned();
                shared.write(event, &ctx, &plan, &turn);
            }
        }
    }
}

impl Shared {
    pub(crate) fn stats(&self) -> LogStats {
        let mut stats = self.queue.stats();
        self.counters.complete(&mut stats);
        stats
    }

    fn write<S>(&self, event: &Event<'_>, ctx: &Context<'_, S>, plan: &Plan, turn: &Turn)
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        let correlation = if plan.is_internal {
            if !self.has_internal_logs || plan.severity < Severity::Warn {
                self.counters.internal();
                return;
            }
            Correlation::default()
        } else {
            Correlation::of(event, ctx)
        };
        let time = self.clock.wall();
        let mut scratch = turn.scratch();
        scratch.clear();
        let mut visitor = Visitor::new(plan, &mut scratch);
        event.record(&mut visitor);
        let tally = visitor.tally();
        self.counters.tally(tally);

        let mut line = std::mem::take(&mut scratch.line);
        let mut timestamps = scratch.timestamps;
        Parts {
            time,
            severity: plan.severity,
            body: scratch.body(),
            correlation: &correlation,
            event_name: &plan.event_name,
            target: if scratch.log_target.is_empty() {
                &plan.target
            } else {
                &scratch.log_target
            },
            fields: scratch.fields(),
            dropped_fields: tally.dropped,
            resource: self.resource.current().members(),
        }
        .write(&mut line, &mut timestamps);
        self.queue.push(plan.severity, &line);
        scratch.line = line;
        scratch.timestamps = timestamps;
        turn.keep(scratch);
    }
}

impl fmt::Debug for LogBridge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogBridge")
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}
