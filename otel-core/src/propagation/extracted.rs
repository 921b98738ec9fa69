//! What the headers of one request said about its trace.
//!
//! A refused header is not the same as none: an operator wants to know of the first. So the
//! refusals are part of the answer, for whoever counts them.
//! There is a format, and there may be a tracestate, only if there is a span context.

use opentelemetry::TraceId;
use opentelemetry::trace::{SpanContext, TraceState as OtelTraceState};

use super::baggage::Baggage;
use super::format::Format;
use super::ids;
use super::sampling_state::SamplingState;
use super::traceparent::TraceParent;
use super::tracestate::TraceState;

/// The remote trace context found by [`Propagator::extract`](super::Propagator::extract), if any.
#[derive(Clone, Debug, Default)]
pub struct Extracted {
    span_context: Option<SpanContext>,
    tracestate: Option<TraceState>,
    format: Option<Format>,
    sampling: Option<SamplingState>,
    /// Boxed, so that a request with a parent and nothing else moves few bytes.
    rare: Option<Box<Rare>>,
    is_malformed: bool,
    is_tracestate_discarded: bool,
    is_baggage_discarded: bool,
}

/// What few requests bring.
#[derive(Clone, Debug, Default)]
struct Rare {
    orphan_trace_id: Option<TraceId>,
    baggage: Option<Baggage>,
    links: Links,
}

/// Mostly one: it then needs no list of its own.
#[derive(Clone, Debug, Default)]
enum Links {
    #[default]
    None,
    One(SpanContext),
    Many(Vec<SpanContext>),
}

impl Links {
    fn as_slice(&self) -> &[SpanContext] {
        match self {
            Self::None => &[],
            Self::One(link) => std::slice::from_ref(link),
            Self::Many(links) => links,
        }
    }

    fn push(&mut self, link: SpanContext) {
        *self = match std::mem::take(self) {
            Self::None => Self::One(link),
            Self::One(first) => Self::Many(vec![first, link]),
            Self::Many(mut links) => {
                links.push(link);
                Self::Many(links)
            }
        };
    }

    fn extend(&mut self, links: &[SpanContext]) {
        links.iter().cloned().for_each(|link| self.push(link));
    }
}

impl Extracted {
    /// The caller's span, always remote and valid; `None` if the trace starts here.
    ///
    /// The flags include [`TraceParent::RANDOM`](super::TraceParent::RANDOM). Its trace state is
    /// empty: the members are in [`tracestate`](Self::tracestate), and in the type of the OTel API
    /// in [`to_parent`](Self::to_parent), which takes two allocations for each of them.
    #[must_use]
    pub const fn span_context(&self) -> Option<&SpanContext> {
        self.span_context.as_ref()
    }

    /// The caller's span as the OTel API wants a parent: its trace state holds what that type can
    /// hold of [`tracestate`](Self::tracestate), for the samplers that read it.
    #[must_use]
    pub fn to_parent(&self) -> Option<SpanContext> {
        let found = self.span_context.as_ref()?;
        let Some(tracestate) = &self.tracestate else {
            return Some(found.clone());
        };
        Some(SpanContext::new(
            found.trace_id(),
            found.span_id(),
            found.trace_flags(),
            true,
            tracestate.to_otel(),
        ))
    }

    /// The caller's span, taken out, as [`span_context`](Self::span_context) gives it.
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

    /// What the caller asked of sampling, if its format says more than the flags of
    /// [`span_context`](Self::span_context) can; also without a span, for the trace that starts here.
    #[must_use]
    pub const fn sampling(&self) -> Option<SamplingState> {
        self.sampling
    }

    /// A trace id that came without a span, as AWS load balancers send it: no context to follow, but
    /// one to correlate with.
    #[must_use]
    pub fn orphan_trace_id(&self) -> Option<TraceId> {
        self.rare.as_ref()?.orphan_trace_id
    }

    /// The baggage, if the propagator reads it. It does not depend on there being a span context.
    #[must_use]
    pub fn baggage(&self) -> Option<&Baggage> {
        self.rare.as_ref()?.baggage.as_ref()
    }

    /// Valid contexts of other traces in the same headers, which lost to
    /// [`span_context`](Self::span_context): to be linked instead of followed.
    #[must_use]
    pub fn links(&self) -> &[SpanContext] {
        self.rare.as_ref().map_or(&[], |rare| rare.links.as_slice())
    }

    /// Whether the headers named more than one trace.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        !self.links().is_empty()
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

    /// Whether some of the baggage was left out: a member that is malformed is alone in that, over
    /// the limits of [`Baggage`] all of it is.
    #[must_use]
    pub const fn is_baggage_discarded(&self) -> bool {
        self.is_baggage_discarded
    }

    pub(super) fn found(format: Format, span_context: SpanContext) -> Self {
        Self {
            span_context: Some(span_context),
            format: Some(format),
            ..Self::default()
        }
    }

    pub(super) fn with_tracestate(
        mut self,
        tracestate: Option<TraceState>,
        is_discarded: bool,
    ) -> Self {
        self.tracestate = tracestate;
        self.is_tracestate_discarded = is_discarded;
        self
    }

    pub(super) const fn with_sampling(mut self, state: SamplingState) -> Self {
        self.sampling = Some(state);
        self
    }

    pub(super) fn with_baggage(mut self, (baggage, is_discarded): (Option<Baggage>, bool)) -> Self {
        if baggage.is_some() {
            self.rare_mut().baggage = baggage;
        }
        self.is_baggage_discarded = is_discarded;
        self
    }

    /// A decision without a span.
    pub(super) fn decided(state: SamplingState) -> Self {
        Self::default().with_sampling(state)
    }

    pub(super) fn with_trace_id(mut self, trace_id: TraceId) -> Self {
        self.rare_mut().orphan_trace_id = Some(trace_id);
        self
    }

    pub(super) fn malformed() -> Self {
        Self {
            is_malformed: true,
            ..Self::default()
        }
    }

    /// The same as [`merge`](Self::merge), for formats of which most find nothing.
    #[inline]
    pub(super) fn take(&mut self, other: Self) {
        match (self.is_nothing(), other.is_nothing()) {
            (_, true) => {}
            (true, false) => *self = other,
            (false, false) => self.merge(other),
        }
    }

    const fn is_nothing(&self) -> bool {
        self.span_context.is_none()
            && self.sampling.is_none()
            && self.rare.is_none()
            && !self.is_malformed
    }

    /// Adds what a format found that comes later in the order.
    ///
    /// A span wins over a bare decision, and the first span over the others. One of the same trace
    /// completes it; one of another trace becomes a link.
    pub(super) fn merge(&mut self, mut other: Self) {
        let is_malformed = self.is_malformed || other.is_malformed;
        match (&self.span_context, &other.span_context) {
            (None, Some(_)) => *self = other,
            (None, None) => {
                self.sampling = self.sampling.or(other.sampling);
                if self.orphan_trace_id().is_none() {
                    self.rare = other.rare;
                }
            }
            (Some(_), None) => {}
            (Some(ours), Some(theirs))
                if ids::is_same_trace(ours.trace_id(), theirs.trace_id()) =>
            {
                self.complete(other);
            }
            (Some(_), Some(_)) => {
                if let Some(theirs) = other.span_context.take() {
                    self.link(theirs);
                }
                if other.is_conflict() {
                    self.rare_mut().links.extend(other.links());
                }
            }
        }
        self.is_malformed = is_malformed;
    }

    /// Takes over what the format of our span cannot say of the trace: the high half of its id, the
    /// random flag, the state, and that it is under debug.
    fn complete(&mut self, mut other: Self) {
        let (Some(ours), Some(theirs)) = (&self.span_context, &other.span_context) else {
            return;
        };
        let trace_id = match ids::is_short(ours.trace_id()) {
            true => theirs.trace_id(),
            false => ours.trace_id(),
        };
        let flags = ours.trace_flags() | (theirs.trace_flags() & TraceParent::RANDOM);
        if ours.is_sampled() && other.sampling == Some(SamplingState::Debug) {
            self.sampling = other.sampling;
        }
        if self.tracestate.is_none() && !self.is_tracestate_discarded {
            self.tracestate = other.tracestate.take();
            self.is_tracestate_discarded = other.is_tracestate_discarded;
        }
        self.span_context = Some(SpanContext::new(
            trace_id,
            ours.span_id(),
            flags,
            true,
            OtelTraceState::NONE,
        ));
        if other.is_conflict() {
            self.rare_mut().links.extend(other.links());
        }
    }

    /// The caller's span becomes a link of the trace that starts here.
    pub(super) fn unfollow(&mut self) {
        if let Some(caller) = self.span_context.take() {
            let mut links = Links::One(caller);
            links.extend(self.links());
            self.rare_mut().links = links;
        }
        self.forget_decisions();
    }

    /// Nothing of the caller's trace is kept. What was refused stays known.
    pub(super) fn forget(&mut self) {
        self.span_context = None;
        if let Some(rare) = &mut self.rare {
            rare.links = Links::None;
        }
        self.forget_decisions();
    }

    fn forget_decisions(&mut self) {
        self.tracestate = None;
        self.format = None;
        self.sampling = None;
        if let Some(rare) = &mut self.rare {
            rare.orphan_trace_id = None;
        }
    }

    /// Keeps the baggage of some keys.
    pub(super) fn retain_baggage(&mut self, is_kept: impl Fn(&str) -> bool) {
        if let Some(rare) = &mut self.rare
            && let Some(baggage) = rare.baggage.take()
        {
            rare.baggage = baggage.retain(is_kept);
        }
    }

    /// Whether the caller asks for this exchange to be recorded.
    pub(super) fn is_sampling_asked(&self) -> bool {
        match &self.span_context {
            Some(caller) => caller.is_sampled(),
            None => self.sampling.is_some_and(SamplingState::is_sampled),
        }
    }

    /// Turns the caller's decision into its opposite.
    pub(super) fn deny_sampling(&mut self) {
        if let Some(caller) = &self.span_context {
            self.span_context = Some(SpanContext::new(
                caller.trace_id(),
                caller.span_id(),
                caller.trace_flags().with_sampled(false),
                true,
                OtelTraceState::NONE,
            ));
        }
        self.sampling = self.sampling.map(|_| SamplingState::Deny);
    }

    fn link(&mut self, context: SpanContext) {
        match &mut self.rare {
            Some(rare) => rare.links.push(context),
            // The usual conflict: made in place instead of changed.
            None => {
                self.rare = Some(Box::new(Rare {
                    orphan_trace_id: None,
                    baggage: None,
                    links: Links::One(context),
                }));
            }
        }
    }

    fn rare_mut(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }
}
