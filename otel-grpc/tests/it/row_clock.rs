//! A deadline that passes when the test says so.
//!
//! Timers decide when a call is cut off; whether its deadline had passed by then is a matter of the
//! clock. Under a loaded machine the two ends differ by more than any slack, so the rows about
//! deadlines move the clock themselves.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use otel_core::clock::{Clock, ManualClock, SystemClock};

/// The clock of a row's signals: the system's, or one that the handler moves.
#[derive(Clone, Debug)]
pub(crate) enum RowClock {
    System(SystemClock),
    Manual(Arc<ManualClock>),
}

impl RowClock {
    pub(crate) fn advance(&self, by: Duration) {
        if let Self::Manual(clock) = self {
            clock.advance(by);
        }
    }
}

impl Clock for RowClock {
    fn now(&self) -> Instant {
        match self {
            Self::System(clock) => clock.now(),
            Self::Manual(clock) => clock.now(),
        }
    }

    fn wall(&self) -> SystemTime {
        match self {
            Self::System(clock) => clock.wall(),
            Self::Manual(clock) => clock.wall(),
        }
    }
}
