//! What of a caller's context is let in.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::allowed::Allowed;

/// What becomes of the caller's trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_enums,
    reason = "a trace is followed, pointed at, or neither"
)]
pub enum Crossing {
    /// The caller's span is the parent.
    Continue,
    /// A new trace starts here and links to the caller's span.
    Link,
    /// A new trace starts here and knows nothing of the caller's.
    Drop,
}

/// What of one caller's context is let in. A clone shares the cap.
///
/// ```
/// use otel_core::propagation::{Admission, Crossing};
///
/// let public = Admission::link();
/// assert_eq!(public.crossing(), Crossing::Link);
/// let partner = Admission::everything()
///     .with_baggage(["tenant"])
///     .with_sampling_cap(100);
/// assert!(partner.allows_baggage("tenant") && !partner.allows_baggage("admin"));
/// ```
#[derive(Clone, Debug)]
pub struct Admission {
    crossing: Crossing,
    baggage: Allowed,
    cap: Option<Arc<RateCap>>,
}

impl Admission {
    /// The trace is continued, the caller decides on sampling, and all baggage is let in.
    #[must_use]
    pub const fn everything() -> Self {
        Self::of(Crossing::Continue, Allowed::ALL)
    }

    /// A new trace with a link to the caller's; no baggage.
    #[must_use]
    pub const fn link() -> Self {
        Self::of(Crossing::Link, Allowed::NONE)
    }

    /// A new trace without a trace of the caller; no baggage.
    #[must_use]
    pub const fn nothing() -> Self {
        Self::of(Crossing::Drop, Allowed::NONE)
    }

    const fn of(crossing: Crossing, baggage: Allowed) -> Self {
        Self {
            crossing,
            baggage,
            cap: None,
        }
    }

    /// Lets in the baggage of these keys and no other.
    #[must_use]
    pub fn with_baggage<K: Into<String>>(mut self, keys: impl IntoIterator<Item = K>) -> Self {
        self.baggage = Allowed::keys(keys);
        self
    }

    /// At most this many exchanges a second are recorded because a caller wants it; past that the
    /// caller's decision becomes "not sampled". 0 means that no caller can have one recorded.
    ///
    /// Counts over all callers with this admission or a clone of it. A trace that starts here is no
    /// caller's decision, so there is nothing to cap after [`Crossing::Link`] and [`Crossing::Drop`].
    #[must_use]
    pub fn with_sampling_cap(mut self, per_second: u32) -> Self {
        self.cap = Some(Arc::new(RateCap::new(per_second)));
        self
    }

    /// What becomes of the caller's trace.
    #[must_use]
    pub const fn crossing(&self) -> Crossing {
        self.crossing
    }

    /// Whether baggage of this key is let in.
    #[must_use]
    pub fn allows_baggage(&self, key: &str) -> bool {
        self.baggage.contains(key)
    }

    pub(super) const fn baggage(&self) -> &Allowed {
        &self.baggage
    }

    /// Whether one more exchange may be recorded at a caller's wish.
    pub(super) fn may_sample(&self, now: Instant) -> bool {
        self.cap.as_ref().is_none_or(|cap| cap.take(now))
    }
}

/// So many a second, counted in windows of one second.
#[derive(Debug)]
struct RateCap {
    per_second: u32,
    window: Mutex<Option<(Instant, u32)>>,
}

impl RateCap {
    const fn new(per_second: u32) -> Self {
        Self {
            per_second,
            window: Mutex::new(None),
        }
    }

    fn take(&self, now: Instant) -> bool {
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        let (began, taken) = window.get_or_insert((now, 0));
        if now.saturating_duration_since(*began) >= Duration::from_secs(1) {
            (*began, *taken) = (now, 0);
        }
        let is_left = *taken < self.per_second;
        *taken += u32::from(is_left);
        is_left
    }
}
