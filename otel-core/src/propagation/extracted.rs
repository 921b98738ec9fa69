//! What the headers of one request said about its trace.
//!
//! A refused header is not the same as none: an operator wants to know of the first. So the
//! refusals are part of the answer, for whoever counts them.
//! There is a format, and there may be a tracestate, only if there is a span context.

use opentelemetry::trace::SpanContext;

use super::format::Format;
use super::tracestate::TraceState;

/// The remote trace context found by [`Propagator::extract`](super::Propagator::extract), if any.
#[derive(Clone, Debug, Default)]
pub struct Extracted {
    span_context: Option<SpanContext>,
    tracestate: Option<TraceState>,
    format: Option<Format>,
    links: Vec<SpanContext>,
    is_malformed: bool,
    is_tracestate_discarded: bool,
}

impl Extracted {
    /// The caller's span, always remote and valid; `None` if the trace starts here.
    ///
    /// The flags include [`TraceParent::RANDOM`](super::TraceParent::RANDOM). The trace state
    /// holds what the OTel API can hold of [`tracestate`](Self::tracestate).
    #[must_use]
    pub const fn span_context(&self) -> Option<&SpanContext> {
        self.span_context.as_ref()
    }

    /// The caller's span, taken out.
    #[must_use]
    pub fn into_span_context(self) -> Option<SpanContext> {
        self.span_context
    }

    /// The complete `tracestate`, to be injected when the trace goes on.
    #[must_use]
    pub const fn tracestate(&self) -> Option<&TraceState> {
        self.tracestate.as_ref()
    }

    /// The format the span context was read from.
    #[must_use]
    pub const fn format(&self) -> Option<Format> {
        self.format
    }

    /// Valid contexts of other traces in the same headers, which lost to
    /// [`span_context`](Self::span_context): to be linked instead of followed.
    #[must_use]
    pub fn links(&self) -> &[SpanContext] {
        &self.links
    }

    /// Whether the headers named more than one trace.
    #[must_use]
    pub const fn is_conflict(&self) -> bool {
        !self.links.is_empty()
    }

    /// Whether a header with a trace context was there and had to be refused.
    #[must_use]
    pub const fn is_malformed(&self) -> bool {
        self.is_malformed
    }

    /// Whether the span context came with a `tracestate` of which all or some members were dropped:
    /// an invalid list is dropped whole, one that is too long loses members.
    #[must_use]
    pub const fn is_tracestate_discarded(&self) -> bool {
        self.is_tracestate_discarded
    }

    pub(super) fn found(
        format: Format,
        span_context: SpanContext,
        tracestate: Option<TraceState>,
        is_tracestate_discarded: bool,
    ) -> Self {
        Self {
            span_context: Some(span_context),
            tracestate,
            format: Some(format),
            links: Vec::new(),
            is_malformed: false,
            is_tracestate_discarded,
        }
    }

    pub(super) fn malformed() -> Self {
        Self {
            is_malformed: true,
            ..Self::default()
        }
    }
}
