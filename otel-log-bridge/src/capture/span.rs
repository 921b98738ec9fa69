//! The fields of spans, kept with the span and given to the events inside.
//!
//! They are captured, redacted and limited when the span is given them, by the same rules as those
//! of an event. No lock of a span is held while the caller's formatting runs: it may log.

use tracing::Subscriber;
use tracing::span::{Attributes, Id, Record as Values};
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::{LookupSpan, SpanRef};

use super::error::ErrorTypes;
use super::{Scratch, Tally, Visitor};
use crate::name::Name;
use crate::plan::{Plan, Rules};
use crate::record::{Field, Record, Value};

/// In the extensions of a `tracing` span: its fields.
#[derive(Debug)]
struct SpanFields(Record);

/// Keeps what a new span is given.
pub(crate) fn keep<S>(
    attributes: &Attributes<'_>,
    id: &Id,
    ctx: &Context<'_, S>,
    (plan, rules, errors): (&Plan, &Rules, &ErrorTypes),
    scratch: &mut Scratch,
) -> Tally
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    scratch.record.clear();
    let mut visitor = Visitor::new(
        plan,
        (rules, errors),
        &mut scratch.record,
        &mut scratch.work,
    );
    attributes.record(&mut visitor);
    let tally = visitor.tally();
    put(id, ctx, &scratch.record);
    tally
}

/// Keeps what a span is given later. A later value replaces an earlier one.
pub(crate) fn update<S>(
    values: &Values<'_>,
    id: &Id,
    ctx: &Context<'_, S>,
    (plan, rules, errors): (&Plan, &Rules, &ErrorTypes),
    scratch: &mut Scratch,
) -> Tally
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    scratch.record.clear();
    let mut visitor = Visitor::new(
        plan,
        (rules, errors),
        &mut scratch.record,
        &mut scratch.work,
    );
    values.record(&mut visitor);
    let mut tally = visitor.tally();
    // What a span had before is no repetition.
    tally.overwritten = 0;
    if let Some(span) = ctx.span(id)
        && let Some(kept) = span.extensions().get::<SpanFields>()
    {
        for field in kept.0.fields() {
            scratch.record.inherit(field, &kept.0);
        }
    }
    put(id, ctx, &scratch.record);
    tally
}

fn put<S>(id: &Id, ctx: &Context<'_, S>, fields: &Record)
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    if fields.fields().is_empty() {
        return;
    }
    if let Some(span) = ctx.span(id) {
        let mut kept = Record::small();
        kept.copy_from(fields);
        span.extensions_mut().replace(SpanFields(kept));
    }
}

/// Adds the fields of a span that no inner one and not the event itself has. The value of a group
/// is put before the inner one instead.
pub(crate) fn inherit<'lookup, S>(
    span: &SpanRef<'lookup, S>,
    groups: &[&'static Name],
    record: &mut Record,
) where
    S: LookupSpan<'lookup>,
{
    let extensions = span.extensions();
    let Some(SpanFields(kept)) = extensions.get::<SpanFields>() else {
        return;
    };
    for field in kept.fields() {
        match record.get(field.name) {
            Some(inner) if groups.contains(&field.name) => join(field, kept, inner, record),
            _ => {
                record.inherit(field, kept);
            }
        }
    }
}

/// `outer/inner`.
fn join(outer: &Field, kept: &Record, inner: Value, record: &mut Record) {
    let (Value::Text(head), Value::Text(tail)) = (outer.value, inner) else {
        return;
    };
    let start = record.start_text();
    let tail_text = record.text(tail).to_owned();
    let arena = record.arena();
    arena.push_str(kept.text(head));
    arena.push('/');
    arena.push_str(&tail_text);
    let text = record.end_text(start, head.may_escape || tail.may_escape);
    record.add(outer.name, Value::Text(text));
}
