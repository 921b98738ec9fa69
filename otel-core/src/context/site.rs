//! Carried work of one place in the code: how much of it is alive, since when, and whether it has
//! ever become less.
//!
//! Growth is told by low-water marks: the least that was alive in each of the last minutes. A busy
//! place goes up and down and its marks with it; marks that rise minute by minute are work that
//! nobody ends.

use std::panic::Location;
use std::time::{Duration, Instant};

use super::life::Ended;
use crate::registry::{Counter, UpDownCounter};

/// How long one mark is taken for.
const WINDOW: Duration = Duration::from_secs(60);
/// How many marks have to rise in a row.
const RISING: usize = 5;
/// Work of a place whose age is known; what is beyond it is counted.
const AGES: usize = 256;

/// One place.
#[derive(Debug)]
pub(super) struct Site {
    location: &'static Location<'static>,
    alive: u64,
    outlived: u64,
    slots: Vec<Option<Alive>>,
    free: Vec<usize>,
    window: Instant,
    low: u64,
    marks: [u64; RISING],
    known_marks: usize,
    is_growing: bool,
    gauge: UpDownCounter,
    outlived_total: Counter,
}

#[derive(Debug)]
struct Alive {
    since: Instant,
    exchange: Option<Ended>,
}

/// What a place looks like at a moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    pub(super) location: &'static Location<'static>,
    pub(super) alive: u64,
    pub(super) orphaned: u64,
    pub(super) outlived: u64,
    pub(super) oldest: Duration,
    pub(super) is_growing: bool,
}

impl Site {
    pub(super) const fn new(
        location: &'static Location<'static>,
        now: Instant,
        gauge: UpDownCounter,
        outlived_total: Counter,
    ) -> Self {
        Self {
            location,
            alive: 0,
            outlived: 0,
            slots: Vec::new(),
            free: Vec::new(),
            window: now,
            low: 0,
            marks: [0; RISING],
            known_marks: 0,
            is_growing: false,
            gauge,
            outlived_total,
        }
    }

    /// Enters work; gives its slot, if its age is remembered, and whether the place has just turned
    /// out to be growing.
    pub(super) fn enter(&mut self, now: Instant, exchange: Option<Ended>) -> (Option<usize>, bool) {
        let turned = self.roll(now);
        self.alive += 1;
        self.gauge.inc();
        let alive = Alive {
            since: now,
            exchange,
        };
        let slot = match self.free.pop() {
            Some(slot) => Some(slot),
            None if self.slots.len() < AGES => {
                self.slots.push(None);
                Some(self.slots.len() - 1)
            }
            None => None,
        };
        if let Some(free) = slot.and_then(|slot| self.slots.get_mut(slot)) {
            *free = Some(alive);
        }
        (slot, turned)
    }

    /// Takes work out that has ended, before its exchange or after it.
    pub(super) fn leave(&mut self, now: Instant, slot: Option<usize>, has_outlived: bool) {
        let _ = self.roll(now);
        self.alive = self.alive.saturating_sub(1);
        self.low = self.low.min(self.alive);
        self.gauge.dec();
        if has_outlived {
            self.outlived += 1;
            self.outlived_total.inc();
        }
        if let Some(slot) = slot
            && let Some(taken) = self.slots.get_mut(slot)
            && taken.take().is_some()
        {
            self.free.push(slot);
        }
    }

    pub(super) fn see(&mut self, now: Instant) -> Seen {
        let _ = self.roll(now);
        let known = || self.slots.iter().flatten();
        let since = known().map(|alive| alive.since).min();
        let is_orphaned = |alive: &&Alive| alive.exchange.as_ref().is_some_and(Ended::get);
        Seen {
            location: self.location,
            alive: self.alive,
            orphaned: known().filter(is_orphaned).count() as u64,
            outlived: self.outlived,
            oldest: since.map_or(Duration::ZERO, |since| now.saturating_duration_since(since)),
            is_growing: self.is_growing,
        }
    }

    /// Takes the marks of the windows that are over; says whether growth was found just now.
    fn roll(&mut self, now: Instant) -> bool {
        let over = now.saturating_duration_since(self.window);
        if over < WINDOW {
            return false;
        }
        // In windows in which nothing happened, nothing rose.
        let idle = over >= 2 * WINDOW;
        self.window = now;
        self.marks.rotate_left(1);
        let [.., last] = &mut self.marks;
        *last = self.low;
        self.known_marks = match idle {
            true => 1,
            false => (self.known_marks + 1).min(RISING),
        };
        self.low = self.alive;
        let was_growing = self.is_growing;
        self.is_growing = self.known_marks == RISING && self.marks.is_sorted_by(|a, b| a < b);
        self.is_growing && !was_growing
    }
}
