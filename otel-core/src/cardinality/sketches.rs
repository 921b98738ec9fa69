//! What is learned of values that were folded: how many there are, and which come most often.
//!
//! Kept for a label only once its budget is spent, and of a fixed size.

use std::cell::Cell;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::admitted::AdmittedValues;
use super::estimate::Estimate;
use super::heavy_hitters::HeavyHitters;
use super::value_shape::ValueShape;

/// The estimate and the heavy hitters of one label.
#[derive(Debug)]
pub(crate) struct Sketches {
    estimate: Estimate,
    hitters: Mutex<HeavyHitters>,
    /// How many of the values that were looked at have each shape.
    shapes: [AtomicU32; ValueShape::ALL.len()],
    looked_at: AtomicU32,
}

impl Sketches {
    pub(crate) fn new(admitted: &AdmittedValues) -> Self {
        let estimate = Estimate::new();
        admitted.hashes().for_each(|hash| estimate.add(hash));
        let capacity = capacity(admitted);
        Self {
            estimate,
            hitters: Mutex::new(HeavyHitters::new(capacity)),
            shapes: Default::default(),
            looked_at: AtomicU32::new(0),
        }
    }

    /// Bytes they will take.
    pub(crate) fn bytes(admitted: &AdmittedValues) -> usize {
        size_of::<Self>() + capacity(admitted) * HITTER_BYTES
    }

    /// Takes note of a folded value; of one in eight for the heavy hitters, which must wait for
    /// nobody.
    #[inline]
    pub(crate) fn saw(&self, hash: u64, value: &str, weight: u64) {
        self.estimate.add(hash);
        if weight > 0
            && is_sampled()
            && let Ok(mut hitters) = self.hitters.try_lock()
        {
            hitters.offer(hash, weight.saturating_mul(ONE_IN), value);
            drop(hitters);
            self.look_at(value);
        }
    }

    /// Tells what a value is, of the first few: it takes longer than all the rest.
    fn look_at(&self, value: &str) {
        if self.looked_at.load(Ordering::Relaxed) < MOST_LOOKED_AT {
            self.looked_at.fetch_add(1, Ordering::Relaxed);
            let shape = ValueShape::of(value);
            if let Some(count) = shape.and_then(|shape| self.shapes.get(shape as usize)) {
                count.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// What most of the values are that were looked at.
    pub(crate) fn shape(&self) -> Option<ValueShape> {
        let looked_at = self.looked_at.load(Ordering::Relaxed);
        let counts = self
            .shapes
            .iter()
            .map(|count| count.load(Ordering::Relaxed));
        let mut counted = ValueShape::ALL.into_iter().zip(counts);
        let (shape, _) = counted.find(|(_, count)| *count > looked_at / 2)?;
        Some(shape)
    }

    pub(crate) const fn estimate(&self) -> &Estimate {
        &self.estimate
    }

    pub(crate) fn hitters(&self) -> MutexGuard<'_, HeavyHitters> {
        self.hitters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn capacity(admitted: &AdmittedValues) -> usize {
    (admitted.budget() * 2).clamp(8, MOST_HITTERS)
}

#[inline]
fn is_sampled() -> bool {
    thread_local! {
        static SEEN: Cell<u64> = const { Cell::new(0) };
    }
    SEEN.try_with(|seen| {
        let count = seen.get();
        seen.set(count.wrapping_add(1));
        count.is_multiple_of(ONE_IN)
    })
    .unwrap_or_default()
}

/// Odd, so that a loop over an even number of values does not always show the same ones.
const ONE_IN: u64 = 7;

/// What one of them takes: an entry, a place in the heap and in the index.
const HITTER_BYTES: usize = 90;

/// Values of which the shape is told.
const MOST_LOOKED_AT: u32 = 64;

/// Values followed at most.
const MOST_HITTERS: usize = 512;
