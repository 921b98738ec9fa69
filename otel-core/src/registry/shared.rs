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
    /// Series charged to the process budget: those that are live and those set aside.
    series: AtomicUsize,
    /// Bytes of series, live or not, of families and of what is known of their labels.
    bytes: AtomicUsize,
}

impl Shared {
    pub(super) fn new(budget: Budget, clock: Arc<dyn Clock>, filter: ExemplarFilter) -> Self {
        Self {
            hasher: LabelHasher::default(),
            window: Window::new(filter),
            started: clock.now(),
            started_wall: clock.wall(),
            series: AtomicUsize::new(0),
            bytes: AtomicUsize::new(0),
            budget,
            clock,
        }
    }

    /// Takes one series from the process budget, if one is left.
    pub(super) fn charge_series(&self) -> bool {
        self.reserve_series(1)
    }

    /// Takes some series from the process budget, all or none.
    pub(super) fn reserve_series(&self, count: usize) -> bool {
        let most = self.budget.process_series();
        self.series
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |charged| {
                charged.checked_add(count).filter(|sum| *sum <= most)
            })
            .is_ok()
    }

    /// Takes a series for which room was set aside before.
    pub(super) fn charge_set_aside(&self) {
        self.series.fetch_add(1, Ordering::AcqRel);
    }

    /// Gives one series back.
    pub(super) fn release_series(&self) {
        self.series.fetch_sub(1, Ordering::AcqRel);
    }

    /// Takes bytes from the process budget; what is over keeps others from being admitted.
    pub(super) fn charge_bytes(&self, bytes: usize) {
        self.bytes.fetch_add(bytes, Ordering::AcqRel);
    }

    /// Takes bytes from the process budget, if it is not spent.
    pub(super) fn try_charge_bytes(&self, bytes: usize) -> bool {
        let room = self.has_bytes();
        if room {
            self.charge_bytes(bytes);
        }
        room
    }

    pub(super) fn has_bytes(&self) -> bool {
        self.bytes() < self.budget.process_bytes()
    }

    /// Gives bytes back.
    pub(super) fn release_bytes(&self, bytes: usize) {
        self.bytes.fetch_sub(bytes, Ordering::AcqRel);
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Acquire)
    }

    pub(super) fn is_full(&self) -> bool {
        self.series.load(Ordering::Acquire) >= self.budget.process_series() || !self.has_bytes()
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
