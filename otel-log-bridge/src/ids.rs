//! Which trace, span and request an event belongs to.
//!
//! The order is: the parent an event names; for `parent: None`, nothing; the current
//! [`Context`]; the nearest span around it that was entered inside a context. Reading ids must
//! not change what it observes, so no OpenTelemetry span is ever started here: the ids of a
//! `tracing` span are those that were current when it was last entered.

use otel_core::context::is_context_alive;
use otel_core::exchange::ExchangeContext;
use otel_core::opentelemetry::Context;
use otel_core::opentelemetry::trace::{SpanId, TraceContextExt, TraceFlags, TraceId};
use otel_core::request_id::RequestId;
use tracing::{Event, Subscriber, span};
use tracing_subscriber::layer;
use tracing_subscriber::registry::{LookupSpan, SpanRef};

/// The ids of one event. Either all of one context, or none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Correlation {
    pub(crate) span: Option<SpanIds>,
    pub(crate) request_id: Option<RequestId>,
}

/// The ids of a valid span context.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SpanIds {
    pub(crate) trace_id: TraceId,
    pub(crate) span_id: SpanId,
    pub(crate) flags: TraceFlags,
}

/// In the extensions of a `tracing` span: what was current when it was last entered.
struct Entered(Correlation);

impl Correlation {
    /// Finds the ids of an event.
    pub(crate) fn of<S>(event: &Event<'_>, ctx: &layer::Context<'_, S>) -> Self
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        let found = if event.is_contextual() {
            Self::current().or_else(|| ctx.lookup_current().and_then(|span| nearest(&span)))
        } else {
            event
                .parent()
                .and_then(|id| ctx.span(id))
                .and_then(|span| nearest(&span))
        };
        found.unwrap_or_default()
    }

    /// Keeps the current ids with a span that has just been entered.
    pub(crate) fn keep<S>(id: &span::Id, ctx: &layer::Context<'_, S>)
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        let Some(current) = Self::current() else {
            return;
        };
        let Some(span) = ctx.span(id) else {
            return;
        };
        let known = span.extensions().get::<Entered>().map(|kept| kept.0);
        if known != Some(current) {
            span.extensions_mut().replace(Entered(current));
        }
    }

    /// What the current context knows, if it knows anything.
    fn current() -> Option<Self> {
        if !is_context_alive() {
            return None;
        }
        // Copied out at once: nothing of the caller's runs while the context is borrowed.
        let found = Context::map_current(|cx| {
            let span = cx.has_active_span().then(|| {
                let span = cx.span();
                let context = span.span_context();
                context.is_valid().then(|| SpanIds {
                    trace_id: context.trace_id(),
                    span_id: context.span_id(),
                    flags: context.trace_flags(),
                })
            });
            Self {
                span: span.flatten(),
                request_id: ExchangeContext::of(cx).map(|exchange| *exchange.request_id()),
            }
        });
        (found != Self::default()).then_some(found)
    }
}

fn nearest<'lookup, S>(span: &SpanRef<'lookup, S>) -> Option<Correlation>
where
    S: LookupSpan<'lookup>,
{
    span.scope()
        .find_map(|span| span.extensions().get::<Entered>().map(|kept| kept.0))
}
