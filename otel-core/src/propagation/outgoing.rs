//! What one request is to carry to its callee.
//!
//! The values are borrowed, so that describing a call costs nothing; each format writes of them what
//! it can express and leaves the rest.

use opentelemetry::trace::SpanContext;

use super::baggage::Baggage;
use super::tracestate::TraceState;

/// The context for [`Propagator::inject_all`](super::Propagator::inject_all).
#[derive(Clone, Copy, Debug)]
pub struct Outgoing<'a> {
    span_context: &'a SpanContext,
    tracestate: Option<&'a TraceState>,
    baggage: Option<&'a Baggage>,
    is_debug: bool,
}

impl<'a> Outgoing<'a> {
    /// A call made by the span `span_context`.
    #[must_use]
    pub const fn new(span_context: &'a SpanContext) -> Self {
        Self {
            span_context,
            tracestate: None,
            baggage: None,
            is_debug: false,
        }
    }

    /// The complete list as extracted, possibly changed since. Without it the trace state of the
    /// span context is written.
    #[must_use]
    pub const fn with_tracestate(mut self, tracestate: Option<&'a TraceState>) -> Self {
        self.tracestate = tracestate;
        self
    }

    /// The baggage, which goes out with or without a valid span.
    #[must_use]
    pub const fn with_baggage(mut self, baggage: Option<&'a Baggage>) -> Self {
        self.baggage = baggage;
        self
    }

    /// Whether the trace is under debug, as [`SamplingState::Debug`](super::SamplingState::Debug)
    /// says of a caller's. It implies sampled in formats that know it; the others ignore it.
    #[must_use]
    pub const fn with_debug(mut self, is_debug: bool) -> Self {
        self.is_debug = is_debug;
        self
    }

    pub(super) const fn span_context(&self) -> &'a SpanContext {
        self.span_context
    }

    pub(super) const fn tracestate(&self) -> Option<&'a TraceState> {
        self.tracestate
    }

    pub(super) const fn baggage(&self) -> Option<&'a Baggage> {
        self.baggage
    }

    pub(super) const fn is_debug(&self) -> bool {
        self.is_debug
    }
}
