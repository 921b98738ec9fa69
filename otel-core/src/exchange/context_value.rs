//! The one value of ours in the OpenTelemetry context.
//!
//! Everything that must follow a request rides in it, so that a request costs one value and a
//! reader (a log line, an outgoing header, a late route) one lookup.

use std::sync::{Arc, OnceLock};

use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt, TraceFlags};

use crate::context::Life;
use crate::identity::{PeerIdentity, Sender};
use crate::propagation::{
    Baggage, Extracted, Format, Received, Reconstructed, SamplingState, TraceState,
};
use crate::request_id::RequestId;

/// Facts of the request a server is answering, carried by its [`Context`].
#[derive(Debug)]
pub struct ExchangeContext {
    request_id: RequestId,
    extracted: Extracted,
    reconstructed: Option<Box<Reconstructed>>,
    life: Option<Life>,
    route: OnceLock<Box<str>>,
    span_id: OnceLock<SpanId>,
    identity: Option<Sender>,
}

impl ExchangeContext {
    pub(crate) const fn new(
        request_id: RequestId,
        extracted: Extracted,
        reconstructed: Option<Box<Reconstructed>>,
        life: Option<Life>,
    ) -> Self {
        Self {
            request_id,
            extracted,
            reconstructed,
            life,
            route: OnceLock::new(),
            span_id: OnceLock::new(),
            identity: None,
        }
    }

    /// Adds what is known of the sender of the request.
    pub(crate) fn with_identity(mut self, identity: Option<Sender>) -> Self {
        self.identity = identity;
        self
    }

    /// What is known of the sender of the request, if the layer was told to find out.
    #[must_use]
    pub const fn identity(&self) -> Option<&Sender> {
        self.identity.as_ref()
    }

    /// Who sent the request, as far as there is evidence.
    #[must_use]
    pub fn peer(&self) -> Option<&Arc<PeerIdentity>> {
        self.identity()?.peer()
    }

    /// The value in a context, if a server layer of the suite put one there.
    #[must_use]
    pub fn of(cx: &Context) -> Option<&Self> {
        cx.get::<Self>()
    }

    /// The correlation id of the request, the caller's or our own.
    #[must_use]
    pub const fn request_id(&self) -> &RequestId {
        &self.request_id
    }

    /// The caller's span, where its headers named one.
    #[must_use]
    pub fn remote(&self) -> Option<&SpanContext> {
        self.extracted.span_context()
    }

    /// What took the place of the caller's span, where it was missing and could be reconstructed.
    #[must_use]
    pub fn reconstructed(&self) -> Option<&Reconstructed> {
        self.reconstructed.as_deref()
    }

    /// The propagation format the caller's span was read from.
    #[must_use]
    pub fn format(&self) -> Option<Format> {
        self.extracted.format()
    }

    /// The caller's vendor state as it was sent.
    #[must_use]
    pub fn tracestate(&self) -> Option<&TraceState> {
        self.extracted.tracestate()
    }

    /// The baggage as it was sent. What the code inside changes is in the [`Context`].
    #[must_use]
    pub fn baggage(&self) -> Option<&Baggage> {
        self.extracted.baggage()
    }

    /// What the caller asked of sampling beyond the flags of its span.
    #[must_use]
    pub const fn sampling(&self) -> Option<SamplingState> {
        self.extracted.sampling()
    }

    /// Tells the layer outside the router which route was matched; says whether it was taken. The
    /// first word counts.
    ///
    /// Call it with a template such as `/orders/{id}`, never with a path: a route becomes a label.
    pub fn set_route(&self, template: &str) -> bool {
        self.route.get().is_none() && self.route.set(template.into()).is_ok()
    }

    /// The route told by [`set_route`](Self::set_route).
    #[must_use]
    pub fn route(&self) -> Option<&str> {
        self.route.get().map(AsRef::as_ref)
    }

    /// Whether `cx` is directly inside the exchange: nothing has started a span since.
    ///
    /// A server layer that finds itself there is the second one around the same request.
    #[must_use]
    pub fn is_directly_around(&self, cx: &Context) -> bool {
        self.span_id.get() == Some(&cx.span().span_context().span_id())
    }

    /// The same facts for a call made inside the exchange that has no span of its own, so that a
    /// server it reaches in this process is not taken for a second layer around the exchange.
    pub(crate) fn for_call(&self) -> Self {
        Self::new(
            self.request_id,
            self.extracted.clone(),
            self.reconstructed.clone(),
            self.life.clone(),
        )
        .with_identity(self.identity.clone())
    }

    /// Whether a call of `span_context` under `cx` goes on with the debug state of the caller, which
    /// lasts as long as its trace and holds for a trace begun on its behalf.
    pub(crate) fn is_debug(cx: &Context, span_context: &SpanContext) -> bool {
        Self::received(cx).is_some_and(|received| {
            received.sampling() == Some(SamplingState::Debug)
                && span_context.is_sampled()
                && received
                    .span_context()
                    .is_none_or(|remote| remote.trace_id() == span_context.trace_id())
        })
    }

    /// What came with the request or the message that is being worked on.
    pub(crate) fn received(cx: &Context) -> Option<&Extracted> {
        cx.get::<Received>()
            .map(|received| &received.0)
            .or_else(|| Self::of(cx).map(|own| &own.extracted))
    }

    /// The account of carried work of this exchange, if one is kept.
    pub(crate) const fn life(&self) -> Option<&Life> {
        self.life.as_ref()
    }

    /// Remembers the span the exchange runs in.
    pub(crate) fn set_span(&self, cx: &Context) {
        let _ = self.span_id.set(cx.span().span_context().span_id());
    }

    /// What goes out under `cx`: its span, completed by what an SDK span cannot hold.
    ///
    /// The SDK clears the random flag when it drops a span, and its `TraceState` refuses keys the
    /// current grammar allows. Both are restored from the caller's headers while the trace is the
    /// same, the state only as long as no sampler has changed it.
    pub(crate) fn outgoing(cx: &Context) -> (SpanContext, Option<TraceState>) {
        let current = cx.span().span_context().clone();
        let is_origin = |origin: &&SpanContext| origin.trace_id() == current.trace_id();
        let received = Self::received(cx)
            .and_then(|received| Some((received.span_context().filter(is_origin)?, received)));
        let reconstructed = || Some(Self::of(cx)?.reconstructed()?.span_context());
        let Some(origin) = received
            .map(|(origin, _)| origin)
            .or_else(|| reconstructed().filter(is_origin))
        else {
            return (current, None);
        };
        let tracestate = received
            .and_then(|(_, received)| received.tracestate())
            .filter(|list| list.is_held_by(current.trace_state()))
            .cloned();
        let random = origin.trace_flags() & RANDOM;
        let flags = TraceFlags::new(current.trace_flags().to_u8() | random.to_u8());
        let completed = SpanContext::new(
            current.trace_id(),
            current.span_id(),
            flags,
            current.is_remote(),
            current.trace_state().clone(),
        );
        (completed, tracestate)
    }
}

/// W3C Trace Context level 2: the trace id's low 56 bits are random.
const RANDOM: TraceFlags = TraceFlags::new(0x02);
