//! What is known of a call while it goes on: its messages so far, and the decisions taken in it.
//!
//! The two bodies of a call and its handler run apart, so that what they tell of it is shared: one
//! allocation, made only for a layer that was asked for any of this.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use http::Extensions;
use otel_core::exchange::ExchangeEnd;
use otel_core::opentelemetry::trace::TraceContextExt;
use otel_core::opentelemetry::{Context, KeyValue};
use otel_core::registry::{Counter, Family};
use otel_core::semconv;

use crate::attempts::Attempt;
use crate::tracking::attach;

/// A call in progress, found in the extensions of its request at a server that counts messages.
///
/// ```
/// use otel_grpc::GrpcCall;
///
/// # fn may_read(role: &str) -> bool { role == "auditor" }
/// # let extensions = http::Extensions::new();
/// # let role = "clerk";
/// // For each message of a stream, in the handler:
/// if let Some(call) = GrpcCall::of(&extensions) {
///     if may_read(role) {
///         call.allow("authorization");
///     } else {
///         call.deny("authorization", "role");
///     }
/// }
/// ```
#[derive(Clone, Debug)]
pub struct GrpcCall {
    state: Arc<CallState>,
}

/// Messages and bytes of one direction or the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    messages: u64,
    bytes: u64,
}

impl GrpcCall {
    /// The call a request belongs to.
    #[must_use]
    pub fn of(extensions: &Extensions) -> Option<&Self> {
        extensions.get()
    }

    /// What was sent and what was received in a call that has ended, for an
    /// [`ExchangeObserver`](otel_core::exchange::ExchangeObserver); nothing if nobody counted.
    #[must_use]
    pub fn traffic_of(end: &ExchangeEnd<'_>) -> Option<(Traffic, Traffic)> {
        let state: &CallState = end.detail()?;
        state
            .is_counted
            .then(|| (state.sent.traffic(), state.received.traffic()))
    }

    /// What was sent so far.
    #[must_use]
    pub fn sent(&self) -> Traffic {
        self.state.sent.traffic()
    }

    /// What was received so far.
    #[must_use]
    pub fn received(&self) -> Traffic {
        self.state.received.traffic()
    }

    /// Records that the call was allowed to go on, in the light of what it received so far.
    ///
    /// An event of its span and a log line of level DEBUG, both with the number of messages received
    /// (0 before the first), and a count. `name` says what was decided about.
    pub fn allow(&self, name: &'static str) {
        self.state.decide(name, None);
    }

    /// Records that something was denied in the call: as [`allow`](Self::allow) does, with a reason
    /// in a word and a log line of level WARN. It does not end the call.
    pub fn deny(&self, name: &'static str, reason: &'static str) {
        self.state.decide(name, Some(reason));
    }

    pub(crate) const fn new(state: Arc<CallState>) -> Self {
        Self { state }
    }
}

impl Traffic {
    /// Messages that have begun.
    #[must_use]
    pub const fn messages(self) -> u64 {
        self.messages
    }

    /// Their bytes, as compressed and without framing.
    #[must_use]
    pub const fn bytes(self) -> u64 {
        self.bytes
    }
}

/// Which way a message goes, from where the layer stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Sent,
    Received,
}

#[derive(Debug, Default)]
struct Counts {
    messages: AtomicU64,
    bytes: AtomicU64,
}

impl Counts {
    fn traffic(&self) -> Traffic {
        Traffic {
            messages: self.messages.load(Ordering::Relaxed),
            bytes: self.bytes.load(Ordering::Relaxed),
        }
    }
}

/// What the parts of one call share.
#[derive(Debug, Default)]
pub(crate) struct CallState {
    is_counted: bool,
    sent: Counts,
    received: Counts,
    request_ended: AtomicBool,
    events_left: AtomicU32,
    denials: AtomicU32,
    decisions: Option<Family<Counter>>,
    attempt: Option<Attempt>,
    cx: Mutex<Context>,
}

impl CallState {
    pub(crate) fn new(
        is_counted: bool,
        max_events: u32,
        decisions: Option<Family<Counter>>,
        attempt: Option<Attempt>,
    ) -> Self {
        Self {
            is_counted,
            events_left: AtomicU32::new(max_events),
            decisions,
            attempt,
            ..Self::default()
        }
    }

    /// What was sent and what was received, where it was counted.
    pub(crate) fn traffic(&self) -> Option<(Traffic, Traffic)> {
        self.is_counted
            .then(|| (self.sent.traffic(), self.received.traffic()))
    }

    pub(crate) const fn attempt(&self) -> Option<&Attempt> {
        self.attempt.as_ref()
    }

    pub(crate) fn denials(&self) -> u32 {
        self.denials.load(Ordering::Relaxed)
    }

    /// The context whose span is told of messages and decisions from here on.
    pub(crate) fn enter(&self, cx: &Context) {
        *self.cx.lock().unwrap_or_else(PoisonError::into_inner) = cx.clone();
    }

    pub(crate) fn message(&self, direction: Direction, bytes: u32) {
        let (counts, kind) = match direction {
            Direction::Sent => (&self.sent, "SENT"),
            Direction::Received => (&self.received, "RECEIVED"),
        };
        counts.bytes.fetch_add(u64::from(bytes), Ordering::Relaxed);
        let before = counts.messages.fetch_add(1, Ordering::Relaxed);
        let tells = |left: u32| left.checked_sub(1);
        if self.events_left.load(Ordering::Relaxed) == 0
            || self
                .events_left
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, tells)
                .is_err()
        {
            return;
        }
        self.event(semconv::RPC_MESSAGE, || {
            let number = i64::try_from(before + 1).unwrap_or(i64::MAX);
            vec![
                KeyValue::new(semconv::RPC_MESSAGE_TYPE, kind),
                KeyValue::new(semconv::RPC_MESSAGE_ID, number),
                KeyValue::new(semconv::RPC_MESSAGE_COMPRESSED_SIZE, i64::from(bytes)),
            ]
        });
    }

    pub(crate) fn request_ended(&self) {
        self.request_ended.store(true, Ordering::Relaxed);
    }

    /// Whether the request came to its end without a message: what a server sees of one that was
    /// reset, when its HTTP library takes that for an end.
    pub(crate) fn request_was_empty(&self) -> bool {
        self.is_counted
            && self.request_ended.load(Ordering::Relaxed)
            && self.received.traffic().messages == 0
    }

    fn decide(&self, name: &'static str, denied_for: Option<&'static str>) {
        let result = if denied_for.is_some() {
            "deny"
        } else {
            "allow"
        };
        let index = self.received.traffic().messages;
        let cx = self.context();
        if let Some(decisions) = &self.decisions {
            let labels = [
                (semconv::EXCHANGE_DECISION_NAME, name),
                (semconv::EXCHANGE_DECISION_RESULT, result),
            ];
            decisions.add(&labels, 1);
        }
        if denied_for.is_some() {
            self.denials.fetch_add(1, Ordering::Relaxed);
        }
        self.event(semconv::EXCHANGE_DECISION, || {
            let index = i64::try_from(index).unwrap_or(i64::MAX);
            let mut attributes = vec![
                KeyValue::new(semconv::EXCHANGE_DECISION_NAME, name),
                KeyValue::new(semconv::EXCHANGE_DECISION_RESULT, result),
                KeyValue::new(semconv::EXCHANGE_DECISION_MESSAGE_INDEX, index),
            ];
            attributes.extend(
                denied_for.map(|why| KeyValue::new(semconv::EXCHANGE_DECISION_REASON, why)),
            );
            attributes
        });
        // In a handler it is current already; in what a handler has spawned it may not be.
        let _current = cx.has_active_span().then(|| attach(&cx)).flatten();
        match denied_for {
            Some(reason) => tracing::event!(
                target: "exchange.decision",
                tracing::Level::WARN,
                "exchange.decision.name" = name,
                "exchange.decision.result" = result,
                "exchange.decision.reason" = reason,
                "exchange.decision.message_index" = index,
                "denied inside a call",
            ),
            None => tracing::event!(
                target: "exchange.decision",
                tracing::Level::DEBUG,
                "exchange.decision.name" = name,
                "exchange.decision.result" = result,
                "exchange.decision.message_index" = index,
                "allowed inside a call",
            ),
        }
    }

    fn context(&self) -> Context {
        self.cx
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Adds an event to the span. A tracer that panics does not reach the caller.
    fn event(&self, name: &'static str, attributes: impl FnOnce() -> Vec<KeyValue>) {
        let cx = self.context();
        let span = cx.span();
        let _ = catch_unwind(AssertUnwindSafe(|| {
            if span.is_recording() {
                span.add_event(name, attributes());
            }
        }));
    }
}
