//! The way of an event: ids, sampling, capture, sinks.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwapOption;
use otel_core::clock::Clock;
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::{LookupSpan, SpanRef};

use crate::buffer::{Buffers, Held};
use crate::capture::span::{self as span_fields, Updates};
use crate::capture::{ErrorTypes, Scratch, Tally, Turn, Visitor};
use crate::context_field::ContextField;
use crate::encode::keys;
use crate::ids::{Correlation, Found};
use crate::level::LevelGate;
use crate::metrics::Metrics;
use crate::name::Name;
use crate::order::LayerOrder;
use crate::plan::{Plan, PlanTable, Rules};
use crate::record::{Record, Value};
use crate::sampling::{Controller, Early, Kept, Moment, Sampler};
use crate::schema::Drift;
use crate::severity::Severity;
use crate::sink::{Lines, OtelSink};
use crate::stats::{Counters, LogStats, SinkStats};

/// What the layer, the guard and the threads of a bridge share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rules: Rules,
    pub(crate) errors: ErrorTypes,
    pub(crate) plans: PlanTable,
    pub(crate) counters: Counters,
    pub(crate) gate: LevelGate,
    pub(crate) order: LayerOrder,
    pub(crate) lines: Vec<Arc<Lines>>,
    pub(crate) otel: Option<OtelSink>,
    pub(crate) sampler: ArcSwapOption<Sampler>,
    /// Whether there is a sampler.
    pub(crate) is_sampling: AtomicBool,
    pub(crate) controller: Mutex<Controller>,
    pub(crate) buffers: Option<Buffers>,
    pub(crate) context_fields: Vec<ContextField>,
    pub(crate) groups: Vec<&'static Name>,
    pub(crate) has_internal_logs: bool,
    pub(crate) metrics: Option<Metrics>,
    pub(crate) told_drifts: AtomicUsize,
    pub(crate) updates: Updates,
    /// Nothing but lines under their own names is made from a record, and nothing is added to it
    /// that a span could have.
    pub(crate) lends_members: bool,
}

impl Shared {
    pub(crate) fn stats(&self) -> LogStats {
        let mut stats = self.counters.snapshot();
        stats.sampled += self.plans.left_out();
        stats.sinks = self
            .lines
            .iter()
            .map(|lines| SinkStats::of(lines))
            .collect();
        if let Some(buffers) = &self.buffers {
            stats.held = buffers.held();
            stats.not_needed = buffers.forgotten();
        }
        stats.is_misplaced = self.order.is_misplaced();
        stats.is_otel_broken = self.otel.as_ref().is_some_and(OtelSink::is_broken);
        stats
    }

    pub(crate) fn is_closed(&self) -> bool {
        // They are closed together.
        self.lines
            .first()
            .is_some_and(|lines| lines.queue.is_closed())
    }

    pub(crate) fn refuse_closed(&self) {
        match self.lines.first() {
            Some(lines) => lines.queue.refuse_closed(),
            None => self.counters.refused(),
        }
    }

    pub(crate) const fn has_context_fields(&self) -> bool {
        !self.context_fields.is_empty()
    }

    pub(crate) fn spans(&self) -> span_fields::Bridge<'_> {
        span_fields::Bridge {
            rules: &self.rules,
            errors: &self.errors,
            groups: self.groups.as_slice(),
            updates: &self.updates,
            lends_members: self.lends_members && !self.is_sampling.load(Ordering::Relaxed),
        }
    }

    /// Captures the fields of a span.
    pub(crate) fn with_span(&self, keep: impl FnOnce(&Self, &mut Scratch) -> Tally) {
        let Some(turn) = Turn::take() else {
            self.counters.reentrant();
            return;
        };
        let mut scratch = turn.scratch();
        let tally = keep(self, &mut scratch);
        self.counters.tally(tally);
        turn.keep(scratch);
    }

    /// One event.
    pub(crate) fn event<S>(&self, event: &Event<'_>, ctx: &Context<'_, S>, plan: &Plan, turn: &Turn)
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        if plan.is_internal && (!self.has_internal_logs || plan.severity < Severity::WARN) {
            self.counters.internal();
            return;
        }
        // What sampling leaves out should not have cost a walk through the spans.
        let may_be_quick = self.is_sampling.load(Ordering::Relaxed)
            && self.buffers.is_none()
            && !self.order.has_ids();
        let mut found = if plan.is_internal {
            Found::default()
        } else if may_be_quick {
            Found::quick(event, self.has_context_fields())
        } else {
            Found::of(event, ctx, self.has_context_fields())
        };
        let request = self.buffers.as_ref().and_then(|buffers| {
            let key = buffers.key(&found.correlation)?;
            Some((buffers, key))
        });
        let is_held = self.buffers.is_some() && !self.gate.writes(plan.metadata);
        if is_held && request.is_none() {
            // Below the level, and of no request that could need it.
            return;
        }
        let moment = Moment::new(&*self.clock);
        // Without a sampler, which is common, this is one load.
        let is_sampled = self.is_sampling.load(Ordering::Relaxed) && !is_held && !plan.is_internal;
        let sampler = is_sampled.then(|| self.sampler.load());
        let sampler = sampler.as_ref().and_then(|sampler| sampler.as_deref());
        let lent = self.rules.lent.load(Ordering::Relaxed);
        let early = sampler.map_or(Early::Kept(Kept::CERTAIN), |sampler| {
            sampler.early(plan, &found.correlation, lent, &moment)
        });
        if let (true, Some((buffers, key))) = (plan.ends_exchange, request) {
            buffers.forget(key);
        }
        if early == Early::LeftOut {
            self.leave_out(plan);
            return;
        }
        if may_be_quick && !plan.is_internal && found.correlation == Correlation::NONE {
            found = Found::of(event, ctx, self.has_context_fields());
        }
        let mut scratch = turn.scratch();
        self.capture(event, ctx, plan, &found, &moment, &mut scratch);
        let kept = match (early, sampler) {
            (Early::Kept(kept), _) => Some(kept),
            (_, Some(sampler)) => sampler.late(plan, &scratch.record, &moment),
            _ => Some(Kept::CERTAIN),
        };
        let Some(kept) = kept else {
            self.leave_out(plan);
            turn.keep(scratch);
            return;
        };
        if is_held
            && let Some((buffers, key)) = request
            && buffers.hold(key, &scratch.record) == Held::Held
        {
            turn.keep(scratch);
            return;
        }
        if sampler.is_some() {
            mark_sampled(plan, kept, &mut scratch.record);
        }
        if scratch.record.severity >= Severity::ERROR
            && let Some((buffers, key)) = request
        {
            self.release(buffers, key);
        }
        self.emit(&mut scratch, plan.is_internal);
        turn.keep(scratch);
        if self.rules.drift.places() > self.told_drifts.load(Ordering::Relaxed) {
            self.say_drifts();
        }
    }

    fn capture<S>(
        &self,
        event: &Event<'_>,
        ctx: &Context<'_, S>,
        plan: &Plan,
        found: &Found,
        moment: &Moment<'_>,
        scratch: &mut Scratch,
    ) where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        let record = &mut scratch.record;
        record.clear();
        record.time = moment.time();
        record.severity = plan.severity;
        record.correlation = found.correlation;
        record.event_name = plan.event_name;
        record.target = plan.target;
        let rules = (&self.rules, &self.errors);
        let mut visitor = Visitor::new(plan, rules, record, &mut scratch.work);
        event.record(&mut visitor);
        let mut tally = visitor.tally();
        if !plan.is_internal
            && self.rules.lent.load(Ordering::Relaxed) != 0
            && let Some(span) = span_of(event, ctx)
        {
            span_fields::lend(&span, self.spans(), record);
        }
        if let Some(cx) = &found.context {
            for field in &self.context_fields {
                field.add(cx, &self.rules.redaction, scratch, &mut tally);
            }
        }
        let record = &mut scratch.record;
        if self.rules.has_code_location {
            add_location(plan, record);
        }
        for name in &plan.required {
            if record.get(name).is_none() {
                self.rules
                    .drift
                    .note(Drift::Missing, name.text(), "", plan.metadata);
                if let Some(schema) = &self.rules.schema {
                    schema.panic_if_strict(Drift::Missing, name.text());
                }
            }
        }
        let names = keys::names();
        if found.correlation.span.is_some_and(|span| span.has_ended) {
            record.add(names.after_span_end, Value::Bool(true));
        }
        if tally != Tally::default() {
            self.counters.tally(tally);
        }
    }

    fn leave_out(&self, plan: &Plan) {
        plan.callsite.left_out.fetch_add(1, Ordering::Relaxed);
        if plan.slot.is_none() {
            // The plan is of this event alone.
            self.counters.sampled();
        }
    }

    /// Writes what a request has held, now that it has failed.
    pub(crate) fn release(&self, buffers: &Buffers, key: u64) {
        let mut scratch = None;
        buffers.release(key, |record| {
            let scratch = scratch.get_or_insert_with(|| Box::new(Scratch::default()));
            scratch.record.copy_from(record);
            self.emit(scratch, false);
        });
    }

    /// Gives a complete record to every sink.
    pub(crate) fn emit(&self, scratch: &mut Scratch, is_internal: bool) {
        if scratch.record.correlation.span.is_none() && !is_internal {
            self.counters.untraced();
        }
        let mut is_taken = false;
        for lines in &self.lines {
            is_taken |= lines.take(scratch);
        }
        if !is_taken {
            self.counters.unsunk();
        }
        if let Some(otel) = self.otel.as_ref().filter(|_| !is_internal) {
            otel.take(&scratch.record);
        }
    }

    /// Looks at the load, changes what is kept if need be, and tells of it.
    pub(crate) fn adjust(&self) {
        let sampler = self.sampler.load();
        let Some(sampler) = sampler.as_deref() else {
            return;
        };
        let fill = self.lines.iter().map(|lines| lines.queue.fill());
        let fill = fill.fold(0.0, f64::max);
        let load = (self.stats().events(), fill);
        let changes = {
            let mut controller = self
                .controller
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            controller.look(sampler, load, self.clock.now())
        };
        for change in changes {
            self.say_changed(change);
        }
    }
}

/// The span an event is in.
fn span_of<'a, S>(event: &Event<'_>, ctx: &'a Context<'_, S>) -> Option<SpanRef<'a, S>>
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    if event.is_contextual() {
        ctx.lookup_current()
    } else {
        ctx.span(event.parent()?)
    }
}

/// What was left out before an event, and how likely it was to be kept itself.
fn mark_sampled(plan: &Plan, kept: Kept, record: &mut Record) {
    let names = keys::names();
    let left_out = plan.callsite.left_out.load(Ordering::Relaxed);
    if left_out > plan.callsite.told.load(Ordering::Relaxed) {
        // Of two events that tell at a time, each tells what the other does not.
        let told = plan.callsite.told.fetch_max(left_out, Ordering::Relaxed);
        let count = i64::try_from(left_out.saturating_sub(told)).unwrap_or(i64::MAX);
        if count > 0 {
            record.add(names.suppressed_count, Value::Int(count));
        }
    }
    if kept.probability < 1.0 {
        record.add(names.sampling_probability, Value::Float(kept.probability));
    }
}

fn add_location(plan: &Plan, record: &mut Record) {
    let names = keys::names();
    let metadata = plan.metadata;
    if let Some(file) = metadata.file() {
        let file = Value::Text(record.push_text(source_path(file)));
        record.add(names.code_file_path, file);
    }
    if let Some(line) = metadata.line() {
        record.add(names.code_line_number, Value::Int(line.into()));
    }
    if let Some(module) = metadata.module_path() {
        let module = Value::Text(record.push_text(module));
        record.add(names.code_function_name, module);
    }
}

/// The path from the crate on: where it was built is nobody's business.
pub(crate) fn source_path(file: &str) -> &str {
    let is_absolute = file.starts_with('/') || file.get(1..3) == Some(":\\");
    if !is_absolute {
        return file;
    }
    let source = file.rfind("/src/").or_else(|| file.rfind("\\src\\"));
    let Some(source) = source else {
        return file.rsplit(['/', '\\']).next().unwrap_or(file);
    };
    let head = file.get(..source).unwrap_or_default();
    let start = head.rfind(['/', '\\']).map_or(0, |at| at + 1);
    file.get(start..).unwrap_or(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_does_not_tell_where_it_was_built() {
        let cases = [
            ("src/main.rs", "src/main.rs"),
            ("/home/me/shop/src/orders/mod.rs", "shop/src/orders/mod.rs"),
            (
                "/root/.cargo/registry/src/index-1/h2-0.4.1/src/lib.rs",
                "h2-0.4.1/src/lib.rs",
            ),
            ("C:\\work\\shop\\src\\main.rs", "shop\\src\\main.rs"),
            ("/tmp/build.rs", "build.rs"),
        ];
        for (file, expected) in cases {
            assert_eq!(source_path(file), expected);
        }
    }
}
