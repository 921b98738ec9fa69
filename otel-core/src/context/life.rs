//! What an exchange shares with the work carried out of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::lifecycle::Lifecycle;

/// The table carried work is entered into, and whether its exchange has ended.
#[derive(Clone, Debug)]
pub(crate) struct Life {
    pub(super) table: Arc<Lifecycle>,
    pub(super) ended: Ended,
}

/// Set once, when the exchange ends.
#[derive(Clone, Debug, Default)]
pub(super) struct Ended(Arc<AtomicBool>);

impl Ended {
    pub(super) fn get(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Life {
    pub(crate) fn new(table: &Arc<Lifecycle>) -> Self {
        Self {
            table: Arc::clone(table),
            ended: Ended::default(),
        }
    }

    /// The exchange is over; what is still carried has outlived it.
    pub(crate) fn end(&self) {
        self.ended.0.store(true, Ordering::Relaxed);
    }
}
