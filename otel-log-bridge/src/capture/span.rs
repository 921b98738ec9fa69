//! The fields of spans, kept with the span and given to the events inside.
//!
//! They are captured, redacted and limited when the span is given them, by the same rules as those
//! of an event. A span keeps those of the spans around it as well, so that an event asks one span;
//! when a span is given a field later, what was kept of it elsewhere is out of date and is not used.
//! No lock of a span is held while the caller's formatting runs: it may log.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use tracing::Subscriber;
use tracing::span::{Attributes, Id, Record as Values};
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::{LookupSpan, SpanRef};

use super::error::ErrorTypes;
use super::{Scratch, Tally, Visitor};
use crate::encode::line;
use crate::name::Name;
use crate::plan::{Plan, Rules};
use crate::record::{Field, Record, Value};

/// How often spans were given fields after they were made.
#[derive(Debug, Default)]
pub(crate) struct Updates(AtomicU64);

/// In the extensions of a `tracing` span: its fields, and with them those of the spans around it.
#[derive(Debug)]
struct Kept {
    own: Record,
    /// `None` where they are the same.
    all: Option<Record>,
    /// The count of updates that `all` is of.
    as_of: u64,
    /// All of them as they are written on a line.
    members: OnceLock<Box<[u8]>>,
}

/// What all functions here need of the bridge.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bridge<'a> {
    pub(crate) rules: &'a Rules,
    pub(crate) errors: &'a ErrorTypes,
    pub(crate) groups: &'a [&'static Name],
    pub(crate) updates: &'a Updates,
    /// Fields are wanted as members of a line and in no other form.
    pub(crate) lends_members: bool,
}

/// Keeps what a new span is given.
pub(crate) fn keep<S>(
    attributes: &Attributes<'_>,
    id: &Id,
    ctx: &Context<'_, S>,
    (plan, bridge): (&Plan, Bridge<'_>),
    scratch: &mut Scratch,
) -> Tally
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    scratch.record.clear();
    let rules = (bridge.rules, bridge.errors);
    let mut visitor = Visitor::new(plan, rules, &mut scratch.record, &mut scratch.work);
    attributes.record(&mut visitor);
    let tally = visitor.tally();
    if let Some(span) = ctx.span(id)
        && !scratch.record.fields().is_empty()
    {
        put(&span, bridge, scratch);
    }
    tally
}

/// Keeps what a span is given later. A later value replaces an earlier one.
pub(crate) fn update<S>(
    values: &Values<'_>,
    id: &Id,
    ctx: &Context<'_, S>,
    (plan, bridge): (&Plan, Bridge<'_>),
    scratch: &mut Scratch,
) -> Tally
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    scratch.record.clear();
    let rules = (bridge.rules, bridge.errors);
    let mut visitor = Visitor::new(plan, rules, &mut scratch.record, &mut scratch.work);
    values.record(&mut visitor);
    let mut tally = visitor.tally();
    // What a span had before is no repetition.
    tally.overwritten = 0;
    if let Some(span) = ctx.span(id) {
        if let Some(kept) = span.extensions().get::<Kept>() {
            scratch.record.append(&kept.own);
        }
        bridge.updates.0.fetch_add(1, Ordering::AcqRel);
        put(&span, bridge, scratch);
    }
    tally
}

/// Keeps the record of `scratch` with the span.
fn put<'lookup, S>(span: &SpanRef<'lookup, S>, bridge: Bridge<'_>, scratch: &mut Scratch)
where
    S: LookupSpan<'lookup>,
{
    let as_of = bridge.updates.0.load(Ordering::Acquire);
    let mut own = Record::small();
    own.copy_from(&scratch.record);
    if let Some(parent) = span.parent() {
        // As fields, not as members: more may be added to them.
        let as_fields = Bridge {
            lends_members: false,
            ..bridge
        };
        lend(&parent, as_fields, &mut scratch.record);
    }
    let is_more = scratch.record.fields().len() > own.fields().len() || !bridge.groups.is_empty();
    let all = is_more.then(|| {
        let mut all = Record::small();
        all.copy_from(&scratch.record);
        all
    });
    span.extensions_mut().replace(Kept {
        own,
        all,
        as_of,
        members: OnceLock::new(),
    });
}

/// Adds the fields of a span and of those around it that no inner one and not the event itself has.
/// The value of a group is put before the inner one instead.
pub(crate) fn lend<'lookup, S>(span: &SpanRef<'lookup, S>, bridge: Bridge<'_>, record: &mut Record)
where
    S: LookupSpan<'lookup>,
{
    // Most often the innermost span has it all, so it is not looked up again as one of its scope.
    if !lend_from(span, bridge, record) {
        for outer in span.scope().skip(1) {
            if lend_from(&outer, bridge, record) {
                return;
            }
        }
    }
}

/// Says whether that was all there is from this span on outwards.
fn lend_from<'lookup, S>(
    span: &SpanRef<'lookup, S>,
    bridge: Bridge<'_>,
    record: &mut Record,
) -> bool
where
    S: LookupSpan<'lookup>,
{
    let extensions = span.extensions();
    let Some(kept) = extensions.get::<Kept>() else {
        return false;
    };
    let is_current = kept.as_of == bridge.updates.0.load(Ordering::Acquire);
    let all = kept
        .all
        .as_ref()
        .filter(|_| is_current)
        .unwrap_or(&kept.own);
    if is_current && bridge.lends_members {
        let members = kept.members.get_or_init(|| {
            let mut members = Vec::new();
            line::push_fields(all, &mut members);
            members.into()
        });
        if record.lend(all, members) {
            return true;
        }
    }
    add(all, bridge.groups, record);
    is_current
}

fn add(from: &Record, groups: &[&'static Name], record: &mut Record) {
    if groups.is_empty() {
        record.append(from);
        return;
    }
    for field in from.fields() {
        match record.get(field.name) {
            Some(inner) if groups.contains(&field.name) => join(field, from, inner, record),
            _ => {
                record.inherit(field, from);
            }
        }
    }
}

/// `outer/inner`.
fn join(outer: &Field, from: &Record, inner: Value, record: &mut Record) {
    let (Value::Text(head), Value::Text(tail)) = (outer.value, inner) else {
        return;
    };
    let tail_text = record.text(tail).to_owned();
    let start = record.start_text();
    let arena = record.arena();
    arena.push_str(from.text(head));
    arena.push('/');
    arena.push_str(&tail_text);
    let text = record.end_text(start, head.may_escape || tail.may_escape);
    record.add(outer.name, Value::Text(text));
}
