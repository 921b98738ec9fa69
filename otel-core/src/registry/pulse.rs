//! When a series was last written, and whether writes still belong to it.
//!
//! Everything a write has to ask of its series is answered by comparing one word with one other: the
//! pulse of the series with that of a series that was written in this collection window and is in
//! order. The first write of a window does not find them equal and takes the long way once: it
//! marks the series as alive. A series that was hidden, removed or displaced never compares equal,
//! so every write to one is noticed.

use std::sync::atomic::{AtomicU32, Ordering};

/// One word: the number of a window, and flags.
#[derive(Debug)]
pub(super) struct Pulse(AtomicU32);

/// Whether a series is exposed, and if not, why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// It is exposed.
    Live,
    /// Nobody wrote to it for long; a write brings it back.
    Idle,
    /// Its label set now belongs to another series; writes go there.
    Displaced,
    /// It was removed; a handle that is still held goes on counting, unseen.
    Removed,
}

/// What a write finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Beat {
    /// Nothing is to be done but the write.
    Settled,
    /// The same, but an exemplar is wanted.
    WantsExemplar,
    /// This is the first write of the window, or the series is not live.
    Unsettled,
}

impl Pulse {
    pub(super) const fn new() -> Self {
        Self(AtomicU32::new(LIVE))
    }

    #[inline(always)]
    pub(super) fn beat(&self, window: u32) -> Beat {
        let word = self.0.load(Ordering::Relaxed);
        let settled = window << WINDOW_SHIFT;
        if word == settled {
            Beat::Settled
        } else if word == settled | WANTS_EXEMPLAR {
            Beat::WantsExemplar
        } else {
            Beat::Unsettled
        }
    }

    pub(super) fn state(&self) -> State {
        State::of(self.0.load(Ordering::Acquire))
    }

    pub(super) fn is_live(&self) -> bool {
        self.state() == State::Live
    }

    /// Marks a live series as written in a window; `Err` with the state of one that is not live.
    pub(super) fn touch(&self, window: u32, wants_exemplar: bool) -> Result<(), State> {
        let wanted = if wants_exemplar { WANTS_EXEMPLAR } else { 0 };
        let touched = window << WINDOW_SHIFT | wanted;
        self.0
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |word| {
                (word & STATE == LIVE).then_some(touched)
            })
            .map(drop)
            .map_err(State::of)
    }

    /// Takes note of an exemplar that was kept in this window.
    pub(super) fn has_exemplar(&self, window: u32) {
        let settled = window << WINDOW_SHIFT;
        let wanted = settled | WANTS_EXEMPLAR;
        // If another thread changed the word meanwhile, that is the newer truth.
        let _ = self
            .0
            .compare_exchange(wanted, settled, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// The window in which it was last written; zero if in none.
    pub(super) fn window(&self) -> u32 {
        self.0.load(Ordering::Relaxed) >> WINDOW_SHIFT
    }

    /// Changes the state. The next write takes the long way.
    pub(super) fn set_state(&self, state: State) {
        self.0.store(state as u32, Ordering::Release);
    }
}

impl State {
    const fn of(word: u32) -> Self {
        match word & STATE {
            0 => Self::Live,
            1 => Self::Idle,
            2 => Self::Displaced,
            _ => Self::Removed,
        }
    }
}

const LIVE: u32 = State::Live as u32;
const STATE: u32 = 0b11;
const WANTS_EXEMPLAR: u32 = 0b100;
const WINDOW_SHIFT: u32 = 3;

/// The numbers of windows go from one to this and start again: 17 years of one a second.
pub(super) const LAST_WINDOW: u32 = u32::MAX >> WINDOW_SHIFT;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_is_unsettled_once_a_window_and_always_when_not_live() {
        let pulse = Pulse::new();
        assert_eq!(pulse.beat(7), Beat::Unsettled);
        assert_eq!(pulse.touch(7, true), Ok(()));
        assert_eq!(pulse.beat(7), Beat::WantsExemplar);
        pulse.has_exemplar(7);
        assert_eq!(pulse.beat(7), Beat::Settled);
        assert_eq!(pulse.beat(8), Beat::Unsettled);
        assert_eq!(pulse.window(), 7);
        for state in [State::Idle, State::Displaced, State::Removed] {
            pulse.set_state(state);
            assert_eq!(pulse.state(), state);
            for window in [1, 7, LAST_WINDOW] {
                assert_eq!(pulse.beat(window), Beat::Unsettled);
                assert_eq!(pulse.touch(window, false), Err(state));
            }
        }
        pulse.set_state(State::Live);
        assert_eq!(pulse.touch(LAST_WINDOW, false), Ok(()));
        assert_eq!(pulse.beat(LAST_WINDOW), Beat::Settled);
    }
}
