//! Sources: code that is asked for its numbers when the registry is collected.
//!
//! What is counted elsewhere, in a pool, a driver, the operating system, need not be copied into the
//! registry at each change: it is asked for it when somebody reads. The answers of one collection
//! serve every reader for a second, and readers never wait for each other: one that comes while
//! another collects reads the values of the last time.
//!
//! Invariant: no lock is held while a source runs, so it may do whatever it likes with the registry;
//! what it throws stays here.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use super::Observer;
use crate::contained::contained;

/// Keeps a source in its registry; dropping it takes the source out.
///
/// The series it reported stay, with their last values. A collection that is running on another
/// thread may call the source once more.
#[derive(Debug)]
#[must_use = "dropping it takes the source out of the registry"]
pub struct Source {
    sources: Weak<Sources>,
    id: u64,
}

impl Source {
    /// Leaves the source in place for as long as the registry lives.
    pub fn detach(mut self) {
        self.sources = Weak::new();
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        if let Some(sources) = self.sources.upgrade() {
            sources.remove(self.id);
        }
    }
}

/// What went wrong with a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SourceFault {
    /// It panicked. What it had reported before counts.
    Panicked,
    /// It panicked for the third time and was taken out.
    Disabled,
    /// It was not taken: there are 1,024 already.
    Refused,
}

impl SourceFault {
    /// Every fault.
    pub const ALL: [Self; 3] = [Self::Panicked, Self::Disabled, Self::Refused];

    /// The value of the `reason` label of `otel_guard_source_faults`.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Panicked => "panicked",
            Self::Disabled => "disabled",
            Self::Refused => "refused",
        }
    }
}

/// How often each [`SourceFault`] happened, in the order of [`SourceFault::ALL`].
pub(super) type FaultCounts = [u64; SourceFault::ALL.len()];

/// The sources of a registry.
#[derive(Debug, Default)]
pub(super) struct Sources {
    entries: Mutex<Vec<Arc<Entry>>>,
    next_id: AtomicU64,
    running: AtomicBool,
    /// Milliseconds since the start of the registry at which they ran last, plus one; zero when
    /// one of them never did.
    ran: AtomicU64,
    faults: [AtomicU64; SourceFault::ALL.len()],
}

struct Entry {
    id: u64,
    /// There until the entry is dropped.
    report: Option<Box<dyn Fn(&Observer) + Send + Sync>>,
    panics: AtomicU8,
}

impl Sources {
    pub(super) fn add(
        self: &Arc<Self>,
        report: impl Fn(&Observer) + Send + Sync + 'static,
    ) -> Source {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let entry = Arc::new(Entry {
            id,
            report: Some(Box::new(report)),
            panics: AtomicU8::new(0),
        });
        let refused = {
            let mut entries = self.entries();
            if entries.len() < MAX_SOURCES {
                entries.push(entry);
                None
            } else {
                Some(entry)
            }
        };
        let sources = match refused {
            None => {
                self.ran.store(0, Ordering::Release);
                Arc::downgrade(self)
            }
            Some(entry) => {
                drop(entry);
                self.count(SourceFault::Refused);
                Weak::new()
            }
        };
        Source { sources, id }
    }

    /// Asks every source, unless that was done less than a second ago or is being done.
    pub(super) fn run(&self, since_start: Duration) {
        let Some(_turn) = Turn::take(&self.running) else {
            return;
        };
        let now = u64::try_from(since_start.as_millis()).unwrap_or(u64::MAX - 1) + 1;
        let ran = self.ran.load(Ordering::Acquire);
        if ran != 0 && now < ran.saturating_add(1_000) {
            return;
        }
        self.ran.store(now, Ordering::Release);
        let entries = self.entries().clone();
        let observer = Observer::default();
        let mut complete = true;
        for entry in entries {
            complete &= self.ask(&entry, &observer);
        }
        observer.settle(complete, since_start);
    }

    /// Whether the source came to its end.
    fn ask(&self, entry: &Entry, observer: &Observer) -> bool {
        let Some(report) = &entry.report else {
            return true;
        };
        if contained(|| report(observer)).is_some() {
            return true;
        }
        self.count(SourceFault::Panicked);
        if entry.panics.fetch_add(1, Ordering::Relaxed) + 1 >= MAX_PANICS {
            self.remove(entry.id);
            self.count(SourceFault::Disabled);
        }
        false
    }

    fn remove(&self, id: u64) {
        let removed = {
            let mut entries = self.entries();
            let place = entries.iter().position(|entry| entry.id == id);
            place.map(|place| entries.remove(place))
        };
        // Its destructor is foreign: not under the lock.
        drop(removed);
    }

    pub(super) fn len(&self) -> usize {
        self.entries().len()
    }

    pub(super) fn fault_counts(&self) -> FaultCounts {
        self.faults
            .each_ref()
            .map(|count| count.load(Ordering::Relaxed))
    }

    fn count(&self, fault: SourceFault) {
        if let Some(count) = self.faults.get(fault as usize) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn entries(&self) -> MutexGuard<'_, Vec<Arc<Entry>>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        let report = self.report.take();
        contained(|| drop(report));
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// The turn of one collection; no other runs sources until it is dropped.
struct Turn<'a>(&'a AtomicBool);

impl<'a> Turn<'a> {
    fn take(running: &'a AtomicBool) -> Option<Self> {
        (!running.swap(true, Ordering::Acquire)).then(|| Self(running))
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

const MAX_SOURCES: usize = 1_024;
const MAX_PANICS: u8 = 3;
