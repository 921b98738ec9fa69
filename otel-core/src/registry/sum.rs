//! The sum of a histogram.
//!
//! Durations are summed in whole nanoseconds, so the total is exact whatever the order and the
//! number of additions. A `u64` holds 584 years of them, which a hundred thousand connections
//! spend in two days; half of it is therefore carried over now and then. Other units are summed
//! as `f64`.

use std::hint;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// The sum of the values of a histogram, as it was kept.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Sum {
    /// Exact, in nanoseconds: the histogram measures seconds.
    Nanoseconds(u128),
    /// In the unit of the histogram.
    Float(f64),
}

impl Sum {
    /// In the unit of the histogram.
    #[must_use]
    pub const fn as_f64(self) -> f64 {
        match self {
            Self::Nanoseconds(nanos) => nanos as f64 / 1e9,
            Self::Float(sum) => sum,
        }
    }
}

/// Where a histogram adds its values up.
#[derive(Debug)]
pub(super) struct SumCell {
    /// Nanoseconds, or the bits of a float.
    low: AtomicU64,
    /// Twice the number of quarters carried over; odd while one is being carried.
    carries: AtomicU32,
    seconds: bool,
}

impl SumCell {
    pub(super) const fn new(seconds: bool) -> Self {
        Self {
            low: AtomicU64::new(0),
            carries: AtomicU32::new(0),
            seconds,
        }
    }

    /// Adds a finite value that is not negative; `false` when it is too large to be added.
    #[inline]
    pub(super) fn add(&self, value: f64) -> bool {
        if !self.seconds {
            return add_float(&self.low, value);
        }
        if value > MAX_SECONDS {
            return false;
        }
        let nanos = (value * 1e9 + 0.5) as u64;
        if self.low.fetch_add(nanos, Ordering::Relaxed) >= HALF {
            self.carry();
        }
        true
    }

    #[cold]
    fn carry(&self) {
        let carries = self.carries.load(Ordering::Relaxed);
        let (held, done) = (carries.wrapping_add(1), carries.wrapping_add(2));
        // One thread carries; the others have added already and need not wait for it.
        let ours = carries.is_multiple_of(2)
            && self
                .carries
                .compare_exchange(carries, held, Ordering::Acquire, Ordering::Relaxed)
                .is_ok();
        if !ours {
            return;
        }
        if self.low.load(Ordering::Relaxed) >= HALF {
            self.low.fetch_sub(QUARTER, Ordering::Release);
            self.carries.store(done, Ordering::Release);
        } else {
            self.carries.store(carries, Ordering::Release);
        }
    }

    pub(super) fn get(&self) -> Sum {
        if !self.seconds {
            return Sum::Float(f64::from_bits(self.low.load(Ordering::Relaxed)));
        }
        loop {
            let carries = self.carries.load(Ordering::Acquire);
            let low = self.low.load(Ordering::Acquire);
            if carries.is_multiple_of(2) && self.carries.load(Ordering::Relaxed) == carries {
                let carried = u128::from(carries / 2) * u128::from(QUARTER);
                return Sum::Nanoseconds(u128::from(low) + carried);
            }
            hint::spin_loop();
        }
    }
}

/// Adds to a float kept as bits, unless the sum would no longer be finite.
#[inline]
pub(super) fn add_float(bits: &AtomicU64, value: f64) -> bool {
    bits.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |bits| {
        let sum = f64::from_bits(bits) + value;
        sum.is_finite().then_some(sum.to_bits())
    })
    .is_ok()
}

const HALF: u64 = 1 << 63;
const QUARTER: u64 = 1 << 62;

/// A little under a quarter, so that one addition on top of a half cannot wrap: 146 years.
const MAX_SECONDS: f64 = 4.6e9;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_of_durations_is_exact_and_does_not_wrap() {
        let sum = SumCell::new(true);
        assert!((0..10).all(|_| sum.add(0.1)));
        assert_eq!(sum.get(), Sum::Nanoseconds(1_000_000_000));

        let years = SumCell::new(true);
        assert!((0..1_000).all(|_| years.add(4e9)));
        assert_eq!(years.get(), Sum::Nanoseconds(4_000_000_000_000_000_000_000));
        assert!(!years.add(5e9));
        assert_eq!(years.get(), Sum::Nanoseconds(4_000_000_000_000_000_000_000));
    }

    #[test]
    fn a_sum_of_floats_stays_finite() {
        let sum = SumCell::new(false);
        assert!(sum.add(f64::MAX));
        assert!(!sum.add(f64::MAX));
        assert_eq!(sum.get(), Sum::Float(f64::MAX));
    }
}
