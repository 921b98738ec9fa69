//! The start of an exchange: what is known, what is decided, then the span.
//!
//! The order matters. The head sampler speaks first, so that an exchange nobody records builds no
//! name and no attribute; the span starts from one pair of clock reads that the duration shares.

use std::panic::Location;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use opentelemetry::baggage::BaggageExt;
use opentelemetry::trace::{
    Link, SpanBuilder, SpanContext, SpanId, SpanKind, TraceContextExt, TraceFlags, TraceId,
    TraceState,
};
use opentelemetry::{Context, KeyValue};

use super::exchange::Standing;
use super::observer::is_telling;
use super::{
    Arrival, Exchange, ExchangeContext, ExchangeStart, Instrumentation, Operation, ParentKind,
    Signals,
};
use crate::contained::contained;
use crate::context::{Life, is_context_alive};
use crate::diagnostics::Fault;
use crate::identity::Sender;
use crate::journal::{Running, Ticket};
use crate::outcome::Side;
use crate::propagation::{Extracted, Reconstructed, ReconstructionSource, SamplingState};
use crate::request_id::RequestId;
use crate::sampling::Head;
use crate::semconv;
use crate::span_starter::SpanStarter;

/// Room for the attributes of a start and an end, so that the list grows once.
const ATTRIBUTES: usize = 16;

/// An exchange about to start. Made by [`Exchange::open`].
#[derive(Debug)]
#[must_use = "the exchange starts with `start`"]
pub struct Opening<'a> {
    instrumentation: &'a Arc<Instrumentation>,
    operation: Arc<Operation>,
    arrival: Option<Arrival>,
    deadline: Option<Instant>,
    started: Instant,
    opened_at: &'static Location<'static>,
    identity: Option<Sender>,
    link: Option<SpanContext>,
    has_span: bool,
    signals: Signals,
}

impl<'a> Opening<'a> {
    #[track_caller]
    pub(super) fn new(
        instrumentation: &'a Arc<Instrumentation>,
        operation: Arc<Operation>,
    ) -> Self {
        Self {
            started: instrumentation.telemetry().clock().now(),
            instrumentation,
            operation,
            arrival: None,
            deadline: None,
            opened_at: Location::caller(),
            identity: None,
            link: None,
            has_span: true,
            signals: instrumentation.signals(),
        }
    }

    /// What to produce for this exchange, of what its layer produces.
    pub const fn with_signals(mut self, signals: Signals) -> Self {
        self.signals = self.signals.and(signals);
        self
    }

    /// What is known of who sent the request: on the span, and carried by the exchange.
    pub fn with_identity(mut self, identity: Option<Sender>) -> Self {
        self.identity = identity;
        self
    }

    /// The request a server has received, as [`Telemetry::arrive`](crate::telemetry::Telemetry::arrive)
    /// read it.
    pub fn arriving(mut self, arrival: Arrival) -> Self {
        self.arrival = Some(arrival);
        self
    }

    /// The same of parts that were read by other means, of a caller who is believed in everything.
    pub fn with_arrival(self, request_id: RequestId, extracted: Extracted) -> Self {
        self.instrumentation.telemetry().count_faults(&extracted);
        self.arriving(Arrival::new(request_id, extracted))
    }

    /// When the caller or the server gives up. Past it, an unfinished end is a timeout.
    pub const fn with_deadline(mut self, deadline: Option<Instant>) -> Self {
        self.deadline = deadline;
        self
    }

    /// The same as a time from now; a deadline that was given wins over it.
    ///
    /// Whoever set the timeout began to count before the exchange did, so a slack of 1 %, at least
    /// 2 ms, is taken off: without it a timeout would now and then pass for a change of mind.
    pub fn with_timeout(mut self, timeout: Option<Duration>) -> Self {
        if let (None, Some(timeout)) = (self.deadline, timeout) {
            let slack = (timeout / 100).max(Duration::from_millis(2));
            self.deadline = self.started.checked_add(timeout.saturating_sub(slack));
        }
        self
    }

    /// A span of before that this one goes on from, such as that of a stream that was cut off.
    pub fn with_link(mut self, link: Option<SpanContext>) -> Self {
        self.link = link;
        self
    }

    /// Starts no span for it, whatever the signals of the layer are; the caller's context is passed
    /// on, and everything else is recorded.
    pub const fn without_span(mut self) -> Self {
        self.has_span = false;
        self
    }

    /// Starts it. `attributes` adds to those of the operation, and is called only when a span is
    /// recorded.
    #[must_use = "an exchange that is dropped at once ends as a disconnect"]
    pub fn start(self, attributes: impl FnOnce(&mut Vec<KeyValue>)) -> Exchange {
        let Self {
            instrumentation,
            operation,
            arrival,
            deadline,
            started,
            opened_at,
            identity,
            link,
            has_span,
            signals,
        } = self;
        let telemetry = instrumentation.telemetry();
        let has_arrived = arrival.is_some();
        let suppressed =
            !is_context_alive() || Context::is_current_telemetry_suppressed() || is_telling();
        let started_wall = telemetry.clock().wall();
        let (carried, held) = if signals.facts() {
            (identity, None)
        } else {
            (None, identity.filter(|_| has_arrived && !suppressed))
        };
        let (cx, recorded, parent) = if signals.context() && !suppressed {
            let head = SpanHead {
                instrumentation,
                operation: &operation,
                started: started_wall,
                link,
                has_span,
                signals,
                held: held.as_ref(),
            };
            head.context(arrival, carried, attributes)
        } else {
            (Context::default(), false, ParentKind::None)
        };
        let own = ExchangeContext::of(&cx).filter(|_| has_arrived && signals.facts());
        if let Some(own) = own {
            own.set_span(&cx);
        }
        let sender = own.and_then(ExchangeContext::identity).or(held.as_ref());
        if let Some(sender) = sender {
            sender.watch(&cx);
        }
        if signals.metrics() && !suppressed {
            operation.active().inspect(|active| active.inc());
        }
        let start = ExchangeStart {
            name: operation.name(),
            side: instrumentation.side(),
            semconv: instrumentation.semconv(),
            context: &cx,
            started: started_wall,
        };
        let ticket = (!suppressed)
            .then(|| track(instrumentation, &start, (started, opened_at)))
            .flatten();
        let exchange = Exchange::started(
            Arc::clone(instrumentation),
            operation,
            cx,
            (started, started_wall),
            deadline,
            ticket,
            Standing {
                live: !suppressed,
                recorded,
                parent: parent_of(has_arrived, parent),
                signals,
            },
        );
        exchange.announce();
        exchange
    }
}

/// The kind of parent that is counted: of requests that came from outside.
fn parent_of(has_arrived: bool, parent: ParentKind) -> Option<ParentKind> {
    has_arrived.then_some(parent)
}

fn track(
    instrumentation: &Instrumentation,
    start: &ExchangeStart<'_>,
    (started, opened_at): (Instant, &'static Location<'static>),
) -> Option<Ticket> {
    let table = instrumentation.telemetry().in_flight()?;
    let span = start.context.span();
    let ticket = table.open(Running {
        name: start.name,
        side: start.side,
        trace_id: span.span_context().trace_id(),
        span_id: span.span_context().span_id(),
        started,
        started_wall: start.started,
        opened_at,
    });
    if ticket.is_none() {
        instrumentation
            .telemetry()
            .diagnostics()
            .count(Fault::InFlightUntracked);
    }
    ticket
}

/// What a span needs at its head.
struct SpanHead<'a> {
    instrumentation: &'a Instrumentation,
    operation: &'a Operation,
    started: SystemTime,
    link: Option<SpanContext>,
    has_span: bool,
    signals: Signals,
    /// What is known of the sender, where the context does not carry it.
    held: Option<&'a Sender>,
}

impl SpanHead<'_> {
    /// The context of the exchange: our value, the caller's span, and a span of its own. Also
    /// whether that span was started by a tracer, and so has to be ended.
    fn context(
        &self,
        arrival: Option<Arrival>,
        carried: Option<Sender>,
        attributes: impl FnOnce(&mut Vec<KeyValue>),
    ) -> (Context, bool, ParentKind) {
        let is_carried = arrival.is_some() && carried.is_some();
        let mut base = Context::current();
        let mut remote = None;
        let mut asked = None;
        let mut links = Vec::new();
        links.extend(self.link.clone());
        let mut reconstructed = None;
        let mut kind = ParentKind::None;
        if let Some(arrival) = arrival {
            let extracted = arrival.extracted;
            remote = extracted.to_parent();
            // With a span, its flags have the word; without one the state is all there is.
            asked = extracted.sampling().filter(|_| remote.is_none());
            links.extend_from_slice(extracted.links());
            if let Some(baggage) = extracted.baggage() {
                base = base.with_baggage(baggage.to_otel());
            }
            kind = arrival.parent_kind;
            reconstructed = arrival.reconstructed;
            if self.signals.facts() {
                let own = ExchangeContext::new(
                    arrival.request_id,
                    extracted,
                    reconstructed.clone(),
                    self.instrumentation.telemetry().lifecycle().map(Life::new),
                );
                base = base.with_value(own.with_identity(carried));
            }
        }
        let keyed = reconstructed
            .as_deref()
            .filter(|made| made.source() != ReconstructionSource::Context)
            .map(Reconstructed::span_context);
        let followed = remote.as_ref().or(keyed);
        let has_local = base.span().span_context().is_valid();
        if kind == ParentKind::None && has_local {
            kind = ParentKind::Local;
        }
        let spans = self.instrumentation.spans();
        let Some(spans) = spans.filter(|_| self.has_span && self.signals.traces()) else {
            return (with_parent(self.apart(base), followed), false, kind);
        };
        let around = base.span();
        let local = Some(around.span_context()).filter(|local| local.is_valid());
        let above = remote.as_ref().or(local);
        let is_sampled = match asked {
            Some(SamplingState::Deny) => false,
            Some(SamplingState::Accept | SamplingState::Debug) => true,
            Some(SamplingState::Defer) | None => self.is_sampled(above, keyed),
        };
        if !is_sampled {
            let own = unsampled(above.or(keyed));
            return (base.with_remote_span_context(own), false, kind);
        }
        let parent = with_parent(base, followed);
        let sender = ExchangeContext::of(&parent)
            .and_then(ExchangeContext::identity)
            .filter(|_| is_carried)
            .or(self.held);
        let (cx, recorded) = self.start_span(spans, &parent, links, |list| {
            attributes(list);
            if let Some(made) = reconstructed.as_deref() {
                self.mark(made, list);
            }
            if let Some(sender) = sender {
                sender.push_attributes(list);
            }
        });
        if let Some(sender) = sender {
            sender.record(&cx);
        }
        if is_torn(&parent, &cx) {
            self.instrumentation
                .telemetry()
                .diagnostics()
                .count(Fault::ParentIgnored);
        }
        (cx, recorded, kind)
    }

    /// What a reconstruction is never without.
    fn mark(&self, made: &Reconstructed, list: &mut Vec<KeyValue>) {
        let (source, scope) = (made.source().as_str(), made.scope().as_str());
        list.push(KeyValue::new(semconv::TRACE_RECONSTRUCTED, true));
        list.push(KeyValue::new(semconv::TRACE_RECONSTRUCTED_SOURCE, source));
        list.push(KeyValue::new(semconv::TRACE_RECONSTRUCTED_SCOPE, scope));
        let reconstruction = self.instrumentation.telemetry().reconstruction();
        if reconstruction.is_some_and(|reconstruction| reconstruction.has_alias()) {
            list.push(KeyValue::new(semconv::IS_RECONSTRUCTED, true));
        }
    }

    /// What the head sampler says; without one the SDK decides on each span.
    fn is_sampled(&self, parent: Option<&SpanContext>, keyed: Option<&SpanContext>) -> bool {
        let telemetry = self.instrumentation.telemetry();
        let Some(sampler) = telemetry.head_sampler() else {
            return true;
        };
        let head = Head {
            parent,
            trace_id: parent.or(keyed).map(SpanContext::trace_id),
            name: self.operation.name(),
            side: self.instrumentation.side(),
        };
        contained(|| sampler.sample(&head)).unwrap_or_else(|| {
            // A sampler that panics has not refused: the SDK still decides.
            telemetry.diagnostics().count(Fault::SamplerPanicked);
            true
        })
    }

    /// Marks the context of a client without a span: nothing else would tell it from the server's.
    fn apart(&self, base: Context) -> Context {
        let outer = ExchangeContext::of(&base).filter(|outer| outer.is_directly_around(&base));
        match outer.map(ExchangeContext::for_call) {
            Some(call) if self.instrumentation.side() == Side::Client => base.with_value(call),
            _ => base,
        }
    }

    fn start_span(
        &self,
        spans: &dyn SpanStarter,
        parent: &Context,
        links: Vec<SpanContext>,
        attributes: impl FnOnce(&mut Vec<KeyValue>),
    ) -> (Context, bool) {
        let mut list = Vec::with_capacity(ATTRIBUTES);
        list.extend(self.operation.attributes());
        attributes(&mut list);
        let mut builder = SpanBuilder::from_name(self.operation.name())
            .with_kind(match self.instrumentation.side() {
                Side::Server => SpanKind::Server,
                Side::Client => SpanKind::Client,
            })
            .with_start_time(self.started)
            .with_attributes(list);
        if !links.is_empty() {
            builder = builder.with_links(
                links
                    .into_iter()
                    .map(|context| Link::new(context, Vec::new(), 0))
                    .collect(),
            );
        }
        match contained(|| spans.start(builder, parent)) {
            Some(cx) => (cx, true),
            None => {
                self.instrumentation.disable_spans();
                (parent.clone(), false)
            }
        }
    }
}

fn with_parent(base: Context, remote: Option<&SpanContext>) -> Context {
    match remote {
        Some(remote) => base.with_remote_span_context(remote.clone()),
        None => base,
    }
}

/// Whether a tracer started a span and took no notice of its parent.
fn is_torn(parent: &Context, cx: &Context) -> bool {
    let (above, own) = (parent.span(), cx.span());
    let (above, own) = (above.span_context(), own.span_context());
    above.is_valid() && own.is_valid() && above.trace_id() != own.trace_id()
}

/// The context of an exchange that is not recorded: in the caller's trace, with an id of its own,
/// so that its log lines and its callees are told apart from its siblings'.
fn unsampled(parent: Option<&SpanContext>) -> SpanContext {
    let span_id = SpanId::from(fastrand::u64(1..));
    match parent {
        Some(parent) => SpanContext::new(
            parent.trace_id(),
            span_id,
            parent.trace_flags().with_sampled(false),
            false,
            parent.trace_state().clone(),
        ),
        None => SpanContext::new(
            TraceId::from(fastrand::u128(1..)),
            span_id,
            // W3C level 2: not sampled, and the trace id is random.
            TraceFlags::new(0x02),
            false,
            TraceState::NONE,
        ),
    }
}
