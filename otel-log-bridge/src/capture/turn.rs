//! Whose turn it is to log on this thread.
//!
//! A field's `Debug` may log, and that event's field again. The first nested event is written, on
//! buffers of its own; deeper ones are refused, so that a `Debug` that logs itself ends.

use std::cell::Cell;

use super::Scratch;

/// Events that may be under way on one thread.
const MAX_DEPTH: u8 = 2;

thread_local! {
    /// Without a destructor, so it outlives every thread-local that has one.
    static DEPTH: Cell<u8> = const { Cell::new(0) };
    static SCRATCH: Cell<Option<Box<Scratch>>> = const { Cell::new(None) };
}

/// The permission to write one event.
#[derive(Debug)]
pub(crate) struct Turn(());

impl Turn {
    /// `None` when this thread is too deep in events already.
    pub(crate) fn take() -> Option<Self> {
        let depth = DEPTH.get();
        (depth < MAX_DEPTH).then(|| {
            DEPTH.set(depth + 1);
            Self(())
        })
    }

    /// Whether an event is under way on this thread.
    pub(crate) fn is_taken() -> bool {
        DEPTH.get() > 0
    }

    /// The buffers of this thread, or new ones when they are in use or already destroyed.
    pub(crate) fn scratch(&self) -> Box<Scratch> {
        SCRATCH
            .try_with(Cell::take)
            .ok()
            .flatten()
            .unwrap_or_default()
    }

    /// Keeps the buffers for the next event.
    pub(crate) fn keep(&self, scratch: Box<Scratch>) {
        if scratch.is_worth_keeping() {
            let _ = SCRATCH.try_with(|kept| kept.set(Some(scratch)));
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        DEPTH.set(DEPTH.get().saturating_sub(1));
    }
}

/// Refuses all events of this thread from now on.
pub(crate) fn mute_thread() {
    DEPTH.set(MAX_DEPTH);
}
