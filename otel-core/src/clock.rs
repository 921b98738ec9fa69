//! The clock everything in the suite reads.
//!
//! Durations come from the monotonic clock and never from the wall clock, so a step of the wall
//! clock changes a timestamp but no latency. Both are read through [`Clock`], so a test can hold
//! them still.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

/// A source of monotonic and wall-clock time.
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// Monotonic time: for durations, deadlines and ages.
    fn now(&self) -> Instant;

    /// Wall-clock time, UTC: for timestamps that leave the process.
    fn wall(&self) -> SystemTime;
}

/// The clocks of the operating system.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct SystemClock;

impl SystemClock {
    /// The clocks of the operating system.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place the system clock is read"
    )]
    fn now(&self) -> Instant {
        Instant::now()
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the one place the system clock is read"
    )]
    fn wall(&self) -> SystemTime {
        SystemTime::now()
    }
}

/// A clock that several share, such as a test and what it tests.
impl<C: Clock + ?Sized> Clock for Arc<C> {
    fn now(&self) -> Instant {
        (**self).now()
    }

    fn wall(&self) -> SystemTime {
        (**self).wall()
    }
}

/// A clock that moves only when told to.
///
/// ```
/// use otel_core::clock::{Clock, ManualClock};
/// use std::time::Duration;
///
/// let clock = ManualClock::new();
/// let before = clock.now();
/// clock.advance(Duration::from_secs(3));
/// assert_eq!(clock.now() - before, Duration::from_secs(3));
/// ```
#[derive(Debug)]
pub struct ManualClock {
    times: Mutex<(Instant, SystemTime)>,
}

impl ManualClock {
    /// A clock that stands at the present moment.
    #[must_use]
    pub fn new() -> Self {
        let system = SystemClock::new();
        Self {
            times: Mutex::new((system.now(), system.wall())),
        }
    }

    /// Moves both clocks forward.
    pub fn advance(&self, by: Duration) {
        let mut times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
        times.0 += by;
        times.1 += by;
    }

    /// Steps the wall clock alone, as a time daemon does.
    pub fn set_wall(&self, wall: SystemTime) {
        self.times.lock().unwrap_or_else(PoisonError::into_inner).1 = wall;
    }
}

impl Default for ManualClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Instant {
        self.times.lock().unwrap_or_else(PoisonError::into_inner).0
    }

    fn wall(&self) -> SystemTime {
        self.times.lock().unwrap_or_else(PoisonError::into_inner).1
    }
}
