//! What all families of a registry share.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime};

use super::ExemplarFilter;
use super::exemplar::Window;
use crate::cardinality::{Budget, LabelHasher};
use crate::clock::Clock;

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) hasher: LabelHasher,
    pub(super) window: Window,
    pub(super) budget: Budget,
    pub(super) clock: Arc<dyn Clock>,
    started: Instant,
    started_wall: SystemTime,
    /// Series charged to the process budget: those that exist and those set aside.
    charged: AtomicUsize,
}

impl Shared {
    pub(super) fn new(budget: Budget, clock: Arc<dyn Clock>, filter: ExemplarFilter) -> Self {
        Self {
            hasher: LabelHasher::default(),
            window: Window::new(filter),
            started: clock.now(),
            started_wall: clock.wall(),
            charged: AtomicUsize::new(0),
            budget,
            clock,
        }
    }

    /// Takes one series from the process budget, if one is left.
    pub(super) fn charge(&self) -> bool {
        let most = self.budget.process_series();
        self.charged
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |charged| {
                (charged < most).then_some(charged + 1)
            })
            .is_ok()
    }

    pub(super) fn is_full(&self) -> bool {
        self.charged.load(Ordering::Acquire) >= self.budget.process_series()
    }

    pub(super) fn since_start(&self) -> Duration {
        self.clock.now().saturating_duration_since(self.started)
    }

    /// The wall time, at the registry's start, of a moment given as its distance from that.
    pub(super) fn wall_at(&self, since_start: Duration) -> SystemTime {
        self.started_wall
            .checked_add(since_start)
            .unwrap_or(self.started_wall)
    }
}
