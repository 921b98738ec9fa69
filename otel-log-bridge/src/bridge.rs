//! The layer: one event, one record, to every sink.

use std::fmt;
use std::sync::Arc;

use otel_core::resource::Resource;
use tracing::subscriber::Interest;
use tracing::{Event, Metadata, Subscriber, span};
use tracing_subscriber::filter::Filtered;
use tracing_subscriber::layer::{Context, Layer, Layered};
use tracing_subscriber::registry::LookupSpan;

use crate::builder::LogBridgeBuilder;
use crate::capture::{Turn, span as span_fields};
use crate::ids;
use crate::level::{LevelGate, SpansOnly};
use crate::shared::Shared;
use crate::stats::LogStats;

/// What [`build`](LogBridgeBuilder::build) returns: the bridge behind its level gate.
pub type LogLayer<S> = Filtered<LogBridge, LevelGate, S>;

/// What [`build_with`](LogBridgeBuilder::build_with) returns: a layer that makes OpenTelemetry spans,
/// and the bridge behind it.
pub type SpanAndLogLayer<L, S> = Layered<LogLayer<S>, Filtered<L, SpansOnly, S>, S>;

/// A [`Layer`] that writes each event once, to every sink, with the ids of its request.
///
/// It has to stand behind the layer that makes OpenTelemetry spans, if there is one: a span's ids are
/// read when the span is entered. [`build_with`](LogBridgeBuilder::build_with) puts them in order.
pub struct LogBridge {
    shared: Arc<Shared>,
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
    /// Judges the callsite, so that what departs from the schema is found before it is logged.
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        self.shared.plans.plan(metadata, &self.shared.rules);
        Interest::always()
    }

    fn on_new_span(&self, attributes: &span::Attributes<'_>, id: &span::Id, ctx: Context<'_, S>) {
        let planned = self
            .shared
            .plans
            .plan(attributes.metadata(), &self.shared.rules);
        let plan = planned.plan();
        if plan.lends_nothing() {
            return;
        }
        self.shared.with_span(|shared, scratch| {
            span_fields::keep(attributes, id, &ctx, (plan, shared.spans()), scratch)
        });
    }

    fn on_record(&self, id: &span::Id, values: &span::Record<'_>, ctx: Context<'_, S>) {
        let Some(metadata) = ctx.span(id).map(|span| span.metadata()) else {
            return;
        };
        let planned = self.shared.plans.plan(metadata, &self.shared.rules);
        let plan = planned.plan();
        if plan.lends_nothing() {
            return;
        }
        self.shared.with_span(|shared, scratch| {
            span_fields::update(values, id, &ctx, (plan, shared.spans()), scratch)
        });
    }

    fn on_enter(&self, id: &span::Id, ctx: Context<'_, S>) {
        let shared = &self.shared;
        ids::entered(id, &ctx, &shared.order, shared.has_context_fields());
    }

    fn on_exit(&self, id: &span::Id, ctx: Context<'_, S>) {
        let shared = &self.shared;
        let was_misplaced = shared.order.is_misplaced();
        ids::exited(id, &ctx, &shared.order, shared.has_context_fields());
        if !was_misplaced && shared.order.is_misplaced() {
            shared.say_misplaced();
        }
    }

    fn on_event(&self, event: &Event<'_>, ctx: Context<'_, S>) {
        let shared = &*self.shared;
        if shared.is_closed() {
            shared.refuse_closed();
            return;
        }
        let Some(turn) = Turn::take() else {
            shared.counters.reentrant();
            return;
        };
        let planned = shared.plans.plan(event.metadata(), &shared.rules);
        let plan = planned.plan();
        if plan.slot.is_none() {
            shared.counters.unplanned();
        }
        shared.event(event, &ctx, plan, &turn);
    }
}

impl fmt::Debug for LogBridge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogBridge")
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}
