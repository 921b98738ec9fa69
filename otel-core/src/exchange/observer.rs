//! The one subscription to starts and outcomes.

use std::any::Any;
use std::cell::Cell;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwap;
use opentelemetry::{Context, KeyValue};

use super::Detail;
use crate::contained::contained;
use crate::diagnostics::{Diagnostics, Fault};
use crate::outcome::{Judgement, Outcome, Side, Status};
use crate::semconv::SemconvMode;

/// Is told when exchanges start and end.
///
/// Both methods run on the request path, with the exchange's context current, possibly while the
/// thread is unwinding: they must be brief and must not block. One that panics is caught, counted
/// under `telemetry.faults` and never called again.
///
/// An exchange that starts inside such a call, as that of an instrumented client would, leaves no
/// telemetry: it would tell the observer of itself, without end. What an observer hands to a task
/// or another thread is observed like anything else.
pub trait ExchangeObserver: Send + Sync + 'static {
    /// An exchange began.
    fn on_start(&self, start: &ExchangeStart<'_>) {
        let _ = start;
    }

    /// An exchange ended. Called exactly once for each start.
    fn on_end(&self, end: &ExchangeEnd<'_>) {
        let _ = end;
    }
}

/// An exchange that has just begun.
#[derive(Clone, Copy, Debug)]
pub struct ExchangeStart<'a> {
    pub(super) name: &'static str,
    pub(super) side: Side,
    pub(super) semconv: SemconvMode,
    pub(super) context: &'a Context,
    pub(super) started: SystemTime,
}

impl<'a> ExchangeStart<'a> {
    /// The span name, as far as it is known before a late route.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The observing end.
    #[must_use]
    pub const fn side(&self) -> Side {
        self.side
    }

    /// Its context: span, request id, caller.
    #[must_use]
    pub const fn context(&self) -> &'a Context {
        self.context
    }

    /// When it began, wall clock.
    #[must_use]
    pub const fn started(&self) -> SystemTime {
        self.started
    }
}

/// An exchange that has just ended.
#[derive(Clone, Copy, Debug)]
pub struct ExchangeEnd<'a> {
    pub(super) start: ExchangeStart<'a>,
    pub(super) labels: &'a [(&'static str, &'static str)],
    pub(super) judgement: Judgement,
    pub(super) duration: Duration,
    pub(super) time_to_head: Option<Duration>,
    pub(super) overrun: Option<Duration>,
    pub(super) detail: Option<&'a Detail>,
    pub(super) facts: &'a [KeyValue],
    /// Bytes received, where they were counted, and sent.
    pub(super) sizes: (Option<u64>, u64),
}

impl<'a> ExchangeEnd<'a> {
    /// The span name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.start.name
    }

    /// The observing end.
    #[must_use]
    pub const fn side(&self) -> Side {
        self.start.side
    }

    /// Its context: span, request id, caller.
    #[must_use]
    pub const fn context(&self) -> &'a Context {
        self.start.context
    }

    /// When it began, wall clock.
    #[must_use]
    pub const fn started(&self) -> SystemTime {
        self.start.started
    }

    /// Labels of its operation, such as method and route.
    #[must_use]
    pub const fn labels(&self) -> &'a [(&'static str, &'static str)] {
        self.labels
    }

    /// The verdict all signals carry.
    #[must_use]
    pub const fn outcome(&self) -> Outcome {
        self.judgement.outcome
    }

    /// `error.type`, absent on success.
    #[must_use]
    pub const fn error_type(&self) -> Option<&'static str> {
        self.judgement.error_type
    }

    /// The protocol's status, where one is known.
    #[must_use]
    pub const fn status(&self) -> Option<Status> {
        self.judgement.status
    }

    /// From arrival to the last frame, by the monotonic clock.
    #[must_use]
    pub const fn duration(&self) -> Duration {
        self.duration
    }

    /// From arrival to the head of the response, where there was one.
    #[must_use]
    pub const fn time_to_head(&self) -> Option<Duration> {
        self.time_to_head
    }

    /// How long after a known deadline it ended, if after.
    #[must_use]
    pub const fn overrun(&self) -> Option<Duration> {
        self.overrun
    }

    /// What its layer kept of it, if it kept something of that type.
    #[must_use]
    pub fn detail<T: Any>(&self) -> Option<&'a T> {
        self.detail?.downcast_ref()
    }

    /// Business facts the code inside has told.
    #[must_use]
    pub const fn facts(&self) -> &'a [KeyValue] {
        self.facts
    }

    /// Bytes of the request's body that were read, where a layer counted them.
    #[must_use]
    pub const fn received(&self) -> Option<u64> {
        self.sizes.0
    }

    /// Bytes of the response's body that were taken to be sent, without framing.
    #[must_use]
    pub const fn sent(&self) -> u64 {
        self.sizes.1
    }
}

/// The observers of one [`Telemetry`](crate::telemetry::Telemetry).
#[derive(Default)]
pub(crate) struct Observers {
    slots: ArcSwap<Vec<Arc<Slot>>>,
    any: AtomicBool,
}

struct Slot {
    observer: Box<dyn ExchangeObserver>,
    disabled: AtomicBool,
}

impl Observers {
    pub(crate) fn add(&self, observer: impl ExchangeObserver) {
        let slot = Arc::new(Slot {
            observer: Box::new(observer),
            disabled: AtomicBool::new(false),
        });
        self.slots.rcu(|slots| {
            let mut slots = Vec::clone(slots);
            slots.push(Arc::clone(&slot));
            slots
        });
        self.any.store(true, Ordering::Release);
    }

    pub(super) fn is_empty(&self) -> bool {
        !self.any.load(Ordering::Acquire)
    }

    pub(super) fn each(&self, diagnostics: &Diagnostics, call: impl Fn(&dyn ExchangeObserver)) {
        if self.is_empty() {
            return;
        }
        let _telling = Telling::start();
        for slot in self.slots.load().iter() {
            if !slot.disabled.load(Ordering::Relaxed)
                && contained(|| call(&*slot.observer)).is_none()
            {
                slot.disabled.store(true, Ordering::Relaxed);
                diagnostics.count(Fault::ObserverPanicked);
            }
        }
    }
}

thread_local! {
    static TELLING: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread is inside a call to an observer.
pub(super) fn is_telling() -> bool {
    TELLING.try_with(Cell::get).unwrap_or(false)
}

/// Marks the thread for as long as observers are called on it.
struct Telling {
    was_telling: bool,
}

impl Telling {
    fn start() -> Self {
        let was_telling = TELLING.try_with(|telling| telling.replace(true));
        Self {
            was_telling: was_telling.unwrap_or(false),
        }
    }
}

impl Drop for Telling {
    fn drop(&mut self) {
        let _ = TELLING.try_with(|telling| telling.set(self.was_telling));
    }
}

impl fmt::Debug for Observers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Observers({})", self.slots.load().len())
    }
}
