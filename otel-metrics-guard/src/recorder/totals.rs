//! Totals that are counted elsewhere and reported whole: `Counter::absolute`.
//!
//! The registry adds. What was reported of a total is therefore kept for its key, and the
//! difference is added; several handles of a key share it, and forgetting a handle does not forget
//! it. The number of keys is bounded; a total without room is not taken, and counted.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use foldhash::fast::RandomState;

use super::spelling::Spelling;

#[derive(Debug, Default)]
pub(super) struct Totals {
    reported: Mutex<HashMap<String, Arc<AtomicU64>, RandomState>>,
    lost: AtomicU64,
}

impl Totals {
    /// The total reported so far for a key.
    pub(super) fn of(&self, spelling: Option<&Spelling>) -> Option<Arc<AtomicU64>> {
        let key = spelling?.canonical();
        let mut reported = self.reported.lock().unwrap_or_else(PoisonError::into_inner);
        if reported.len() >= MAX_TOTALS && !reported.contains_key(&key) {
            return None;
        }
        Some(Arc::clone(reported.entry(key).or_default()))
    }

    pub(super) fn count_lost(&self) {
        self.lost.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }
}

/// How much a total has grown beyond what was reported; a smaller one is old and adds nothing.
pub(super) fn growth(reported: &AtomicU64, total: u64) -> u64 {
    total.saturating_sub(reported.fetch_max(total, Ordering::Relaxed))
}

const MAX_TOTALS: usize = 4_096;
