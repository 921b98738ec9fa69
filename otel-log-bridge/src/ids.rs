//! Which trace, span and request an event belongs to.
//!
//! The order is: the parent an event names; for `parent: None`, nothing; the current
//! [`Context`]; the nearest span around it that was entered inside a context; and where none of them
//! knows a trace or a request, an id made for the outermost span around it. Reading ids must not
//! change what it observes, so no OpenTelemetry span is ever started here: the ids of a `tracing`
//! span are those that were current when it was last entered.

use otel_core::context::is_context_alive;
use otel_core::exchange::ExchangeContext;
use otel_core::opentelemetry::Context;
use otel_core::opentelemetry::trace::{SpanId, TraceContextExt, TraceFlags, TraceId};
use otel_core::request_id::RequestId;
use tracing::{Event, Subscriber, span};
use tracing_subscriber::layer;
use tracing_subscriber::registry::{LookupSpan, SpanRef};

use crate::order::LayerOrder;

/// The ids of one event. Either all of one context, or none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Correlation {
    pub(crate) span: Option<SpanIds>,
    pub(crate) request: Request,
}

/// The ids of a valid span context.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SpanIds {
    pub(crate) trace_id: TraceId,
    pub(crate) span_id: SpanId,
    pub(crate) flags: TraceFlags,
    /// The span was sampled and does not record any more.
    pub(crate) has_ended: bool,
}

/// What joins the lines of a request, or of a unit of work that is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Request {
    #[default]
    None,
    Id(RequestId),
    /// Made here, because there was neither a trace nor a request.
    Fallback(RequestId),
}

/// What an event belongs to.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) correlation: Correlation,
    /// The context the ids are of, where fields are declared that come from it.
    pub(crate) context: Option<Context>,
}

/// In the extensions of a `tracing` span: what was current when it was last entered.
pub(crate) struct Entered {
    pub(crate) correlation: Correlation,
    context: Option<Context>,
}

/// In the extensions of an outermost `tracing` span: the id of its unit of work.
struct UnitOfWork(RequestId);

impl Correlation {
    pub(crate) const NONE: Self = Self {
        span: None,
        request: Request::None,
    };

    /// What the current context knows, if it knows anything.
    pub(crate) fn current() -> Option<Self> {
        if !is_context_alive() {
            return None;
        }
        // Copied out at once: nothing of the caller's runs while the context is borrowed.
        let found = Context::map_current(Self::of_context);
        (found != Self::NONE).then_some(found)
    }

    fn of_context(cx: &Context) -> Self {
        let span = cx.has_active_span().then(|| {
            let span = cx.span();
            let context = span.span_context();
            let may_have_ended = context.is_sampled() && !context.is_remote();
            context.is_valid().then(|| SpanIds {
                trace_id: context.trace_id(),
                span_id: context.span_id(),
                flags: context.trace_flags(),
                has_ended: may_have_ended && !span.is_recording(),
            })
        });
        let exchange = ExchangeContext::of(cx);
        Self {
            span: span.flatten(),
            request: exchange.map_or(Request::None, |own| Request::Id(*own.request_id())),
        }
    }
}

impl Found {
    /// Finds what an event belongs to.
    pub(crate) fn of<S>(event: &Event<'_>, ctx: &layer::Context<'_, S>, with_context: bool) -> Self
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        let current = event.is_contextual().then(Correlation::current).flatten();
        if let Some(correlation) = current {
            return Self {
                correlation,
                context: with_context.then(Context::current),
            };
        }
        let span = if event.is_contextual() {
            ctx.lookup_current()
        } else {
            event.parent().and_then(|id| ctx.span(id))
        };
        let mut found = span.map_or_else(Self::default, |span| Self::nearest(&span));
        // A context without ids may still carry what declared fields are read from.
        if with_context && found.context.is_none() && event.is_contextual() && is_context_alive() {
            found.context = Some(Context::current());
        }
        found
    }

    /// As [`of`](Self::of), of the current context alone. Enough as long as no span keeps ids.
    pub(crate) fn quick(event: &Event<'_>, with_context: bool) -> Self {
        let current = event.is_contextual().then(Correlation::current).flatten();
        Self {
            correlation: current.unwrap_or_default(),
            context: current.filter(|_| with_context).map(|_| Context::current()),
        }
    }

    fn nearest<'lookup, S>(span: &SpanRef<'lookup, S>) -> Self
    where
        S: LookupSpan<'lookup>,
    {
        let entered = span.scope().find_map(|span| {
            let extensions = span.extensions();
            extensions.get::<Entered>().map(|kept| Self {
                correlation: kept.correlation,
                context: kept.context.clone(),
            })
        });
        entered.unwrap_or_else(|| Self {
            correlation: Correlation {
                span: None,
                request: unit_of_work(span),
            },
            context: None,
        })
    }
}

/// The id of the outermost span, made when it is first asked for.
fn unit_of_work<'lookup, S>(span: &SpanRef<'lookup, S>) -> Request
where
    S: LookupSpan<'lookup>,
{
    let Some(root) = span.scope().last() else {
        return Request::None;
    };
    if let Some(UnitOfWork(id)) = root.extensions().get::<UnitOfWork>() {
        return Request::Fallback(*id);
    }
    let mut extensions = root.extensions_mut();
    // Another thread may have been here in between.
    if extensions.get_mut::<UnitOfWork>().is_none() {
        extensions.replace(UnitOfWork(RequestId::random()));
    }
    let made = extensions.get_mut::<UnitOfWork>();
    made.map_or(Request::None, |UnitOfWork(id)| Request::Fallback(*id))
}

/// Keeps the current ids with a span that has just been entered.
pub(crate) fn entered<S>(
    id: &span::Id,
    ctx: &layer::Context<'_, S>,
    order: &LayerOrder,
    with_context: bool,
) where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    let Some(current) = Correlation::current() else {
        return;
    };
    let Some(span) = ctx.span(id) else {
        return;
    };
    let known = span
        .extensions()
        .get::<Entered>()
        .map(|kept| kept.correlation);
    let is_news = known.map(|known| known.span) != Some(current.span)
        || known.map(|known| known.request) != Some(current.request);
    // Where the ids of a span are only seen when it is left, entering it again must not undo that.
    if is_news && !(known.is_some() && order.is_misplaced()) {
        order.note_ids();
        put(&span, current, with_context);
    }
}

/// Compares what is current when a span is left with what was when it was entered, and learns from
/// it in which order the layers stand.
pub(crate) fn exited<S>(
    id: &span::Id,
    ctx: &layer::Context<'_, S>,
    order: &LayerOrder,
    with_context: bool,
) where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    if order.is_settled() {
        return;
    }
    let Some(span) = ctx.span(id) else {
        return;
    };
    let at_exit = Correlation::current();
    let ids = |found: Option<Correlation>| found.and_then(|found| found.span);
    let at_enter = span
        .extensions()
        .get::<Entered>()
        .map(|kept| kept.correlation);
    let around = span.parent().and_then(|parent| {
        let extensions = parent.extensions();
        extensions.get::<Entered>().map(|kept| kept.correlation)
    });
    order.learn(ids(at_enter), ids(at_exit), ids(around));
    if order.is_misplaced()
        && let Some(at_exit) = at_exit
    {
        put(&span, at_exit, with_context);
    }
}

fn put<'lookup, S>(span: &SpanRef<'lookup, S>, correlation: Correlation, with_context: bool)
where
    S: LookupSpan<'lookup>,
{
    let context = with_context.then(Context::current);
    span.extensions_mut().replace(Entered {
        correlation,
        context,
    });
}
