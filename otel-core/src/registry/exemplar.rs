//! Exemplars: one measurement with the span it was made in, kept beside the total.
//!
//! A dashboard leads from a slow bucket to a trace only when the measurement kept its ids. Taking
//! them must not cost the path that measures, so a slot is written at most once in a collection
//! window: a slot that already has an exemplar of this window is recognised by one atomic
//! comparison, before the context is looked at and without reading a clock. A window ends when the
//! registry is collected, at most once a second; between two collections nobody could see a
//! second exemplar anyway.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use arc_swap::ArcSwapOption;
use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt, TraceId};

use super::pulse::LAST_WINDOW;
use crate::clock::Clock;

/// Which measurements may become exemplars.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExemplarFilter {
    /// Those made in a sampled span: the ids lead to a trace that exists.
    #[default]
    TraceBased,
    /// None.
    AlwaysOff,
}

/// A measurement, and the sampled span in whose context it was made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exemplar {
    trace_id: TraceId,
    span_id: SpanId,
    value: f64,
    unix_nanos: u64,
}

impl Exemplar {
    /// The trace of the span.
    #[must_use]
    pub const fn trace_id(&self) -> TraceId {
        self.trace_id
    }

    /// The span.
    #[must_use]
    pub const fn span_id(&self) -> SpanId {
        self.span_id
    }

    /// The measured value: for a counter the increment, for a histogram a value of its bucket.
    #[must_use]
    pub const fn value(&self) -> f64 {
        self.value
    }

    /// When it was measured, in nanoseconds of Unix time.
    #[must_use]
    pub const fn unix_nanos(&self) -> u64 {
        self.unix_nanos
    }
}

/// The number of the collection window, from one.
#[derive(Debug)]
pub(super) struct Window {
    number: AtomicU32,
    exemplars: bool,
    /// Milliseconds since the start of the registry at which it was opened, plus one.
    opened: AtomicU64,
}

impl Window {
    pub(super) const fn new(filter: ExemplarFilter) -> Self {
        Self {
            number: AtomicU32::new(1),
            exemplars: matches!(filter, ExemplarFilter::TraceBased),
            opened: AtomicU64::new(0),
        }
    }

    #[inline]
    pub(super) fn number(&self) -> u32 {
        self.number.load(Ordering::Relaxed)
    }

    /// Whether measurements may become exemplars.
    pub(super) const fn wants_exemplars(&self) -> bool {
        self.exemplars
    }

    /// Opens the next window, unless this one is younger than a second.
    pub(super) fn advance(&self, since_start: Duration) {
        let now = u64::try_from(since_start.as_millis()).unwrap_or(u64::MAX - 1) + 1;
        let opened = self.opened.load(Ordering::Relaxed);
        let due = opened == 0 || now >= opened.saturating_add(1_000);
        let ours = due
            && self
                .opened
                .compare_exchange(opened, now, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok();
        if ours {
            let number = self.number();
            let next = if number < LAST_WINDOW { number + 1 } else { 1 };
            self.number.store(next, Ordering::Relaxed);
        }
    }
}

/// Room for one exemplar, allocated when the first arrives.
#[derive(Debug, Default)]
pub(super) struct Slot(OnceLock<Box<Held>>);

#[derive(Debug, Default)]
struct Held {
    window: AtomicU32,
    exemplar: Mutex<Option<Exemplar>>,
}

impl Slot {
    /// Whether this slot still wants an exemplar in this window. Costs two or three loads.
    #[inline]
    pub(super) fn is_due(&self, window: u32) -> bool {
        self.0
            .get()
            .is_none_or(|held| held.window.load(Ordering::Relaxed) != window)
    }

    /// Keeps a measurement made in `cx`, whose span is sampled; `false` when another thread was
    /// just writing here.
    pub(super) fn offer(&self, cx: &Context, value: f64, window: u32, clock: &dyn Clock) -> bool {
        let held = self.0.get_or_init(Box::default);
        held.offer(cx, value, window, clock)
    }

    /// The exemplar, if one was kept. Waits for a writer that is copying one in.
    pub(super) fn get(&self) -> Option<Exemplar> {
        self.0.get()?.get()
    }
}

/// The same in half the room, for the one exemplar of a series whose [pulse](super::pulse::Pulse)
/// tells whether it is due.
#[derive(Debug, Default)]
pub(crate) struct ThinSlot(ArcSwapOption<Held>);

impl ThinSlot {
    /// Keeps a measurement, as [`Slot::offer`] does.
    pub(super) fn offer(&self, cx: &Context, value: f64, window: u32, clock: &dyn Clock) -> bool {
        if self.0.load().is_none() {
            // Of two threads that come first at once, one has its exemplar taken.
            self.0.store(Some(Arc::default()));
        }
        let held = self.0.load();
        held.as_ref()
            .is_some_and(|held| held.offer(cx, value, window, clock))
    }

    pub(super) fn get(&self) -> Option<Exemplar> {
        self.0.load().as_ref()?.get()
    }
}

impl Held {
    fn offer(&self, cx: &Context, value: f64, window: u32, clock: &dyn Clock) -> bool {
        let span = cx.span();
        let span = span.span_context();
        let Ok(mut exemplar) = self.exemplar.try_lock() else {
            return false;
        };
        if self.window.swap(window, Ordering::Relaxed) != window {
            let since_epoch = clock.wall().duration_since(UNIX_EPOCH).unwrap_or_default();
            *exemplar = Some(Exemplar {
                trace_id: span.trace_id(),
                span_id: span.span_id(),
                value,
                unix_nanos: u64::try_from(since_epoch.as_nanos()).unwrap_or(u64::MAX),
            });
        }
        true
    }

    fn get(&self) -> Option<Exemplar> {
        *self.exemplar.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the span of the current context is one whose ids may become an exemplar.
#[inline]
pub(super) fn in_sampled_span() -> bool {
    Context::map_current(in_sampled_span_of)
}

/// Whether the span of `cx` is one whose ids may become an exemplar.
#[inline]
pub(super) fn in_sampled_span_of(cx: &Context) -> bool {
    cx.has_active_span() && is_sampled(cx.span().span_context())
}

fn is_sampled(span: &SpanContext) -> bool {
    span.is_sampled() && span.is_valid()
}
