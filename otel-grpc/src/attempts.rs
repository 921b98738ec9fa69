//! The attempts one call is made of.
//!
//! A layer below a retry sees attempts, one above it sees calls. The upper one puts a shared count
//! into the request's extensions, where the lower one finds it; a retry policy that clones a request
//! must clone its extensions with it.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The attempts of one call, in the extensions of its request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Attempts {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    started: AtomicU32,
    retries: AtomicU32,
    hedges: AtomicU32,
    pause: Mutex<Pause>,
}

#[derive(Debug, Default)]
struct Pause {
    running: u32,
    idle_since: Option<Instant>,
    waited: Duration,
}

/// One attempt, until it ends.
#[derive(Debug)]
pub(crate) struct Attempt {
    shared: Arc<Shared>,
    previous: u32,
}

impl Attempts {
    /// Begins an attempt. One that begins while another is running is a hedge, any other but the
    /// first a retry.
    pub(crate) fn begin(&self, now: Instant) -> Attempt {
        let shared = &self.shared;
        let previous = shared.started.fetch_add(1, Ordering::Relaxed);
        let mut pause = shared.pause();
        if let Some(since) = pause.idle_since.take() {
            pause.waited += now.saturating_duration_since(since);
        }
        if previous > 0 {
            let count = if pause.running > 0 {
                &shared.hedges
            } else {
                &shared.retries
            };
            count.fetch_add(1, Ordering::Relaxed);
        }
        pause.running += 1;
        drop(pause);
        Attempt {
            shared: Arc::clone(shared),
            previous,
        }
    }

    pub(crate) fn started(&self) -> u32 {
        self.shared.started.load(Ordering::Relaxed)
    }

    pub(crate) fn retries(&self) -> u32 {
        self.shared.retries.load(Ordering::Relaxed)
    }

    pub(crate) fn hedges(&self) -> u32 {
        self.shared.hedges.load(Ordering::Relaxed)
    }

    /// How long no attempt was running, between the first and the last.
    pub(crate) fn waited(&self) -> Duration {
        self.shared.pause().waited
    }
}

impl Attempt {
    /// Attempts of the same call before this one.
    pub(crate) const fn previous(&self) -> u32 {
        self.previous
    }

    pub(crate) fn end(&self, now: Instant) {
        let mut pause = self.shared.pause();
        pause.running = pause.running.saturating_sub(1);
        if pause.running == 0 {
            pause.idle_since = Some(now);
        }
    }
}

impl Shared {
    fn pause(&self) -> std::sync::MutexGuard<'_, Pause> {
        self.pause.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use otel_core::clock::{Clock, ManualClock};

    use super::*;

    #[test]
    fn retries_follow_and_hedges_overlap() {
        let clock = ManualClock::new();
        let attempts = Attempts::default();
        let first = attempts.begin(clock.now());
        let hedge = attempts.begin(clock.now());
        assert_eq!((first.previous(), hedge.previous()), (0, 1));
        first.end(clock.now());
        hedge.end(clock.now());
        clock.advance(Duration::from_secs(2));
        let retry = attempts.begin(clock.now());
        retry.end(clock.now());
        clock.advance(Duration::from_secs(3));
        assert_eq!(
            (attempts.started(), attempts.retries(), attempts.hedges()),
            (3, 1, 1)
        );
        assert_eq!(attempts.waited(), Duration::from_secs(2));
    }
}
