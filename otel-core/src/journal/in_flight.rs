//! The table of exchanges that have begun and not ended.
//!
//! A request that hangs is in no metric and no finished span; this table is where it can be seen.
//! It has a fixed capacity: an exchange that finds no room runs untracked and is counted. A lock is
//! held only to put in, take out or copy one shard.

use std::panic::Location;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use opentelemetry::trace::{SpanId, TraceId};

use crate::outcome::Side;

/// Locks the table is spread over.
const SHARDS: usize = 16;

/// One exchange that has not ended.
#[derive(Clone, Debug)]
pub struct Running {
    pub(crate) name: &'static str,
    pub(crate) side: Side,
    pub(crate) trace_id: TraceId,
    pub(crate) span_id: SpanId,
    pub(crate) started: Instant,
    pub(crate) started_wall: SystemTime,
    pub(crate) opened_at: &'static Location<'static>,
}

impl Running {
    /// The span name, as far as it was known at the start.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The observing end.
    #[must_use]
    pub const fn side(&self) -> Side {
        self.side
    }

    /// The trace it belongs to; invalid where it belongs to none.
    #[must_use]
    pub const fn trace_id(&self) -> TraceId {
        self.trace_id
    }

    /// Its own span; invalid where it has none.
    #[must_use]
    pub const fn span_id(&self) -> SpanId {
        self.span_id
    }

    /// When it began, wall clock.
    #[must_use]
    pub const fn started(&self) -> SystemTime {
        self.started_wall
    }

    /// The place in the code that opened it: the layer, or the caller of an operation no layer wraps.
    #[must_use]
    pub const fn opened_at(&self) -> &'static Location<'static> {
        self.opened_at
    }

    /// How long it has been running at `now`, by the monotonic clock.
    #[must_use]
    pub fn age(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.started)
    }
}

/// The table. Made by [`TelemetryBuilder::with_in_flight`](crate::telemetry::TelemetryBuilder).
#[derive(Debug)]
pub struct InFlight {
    shards: [Mutex<Shard>; SHARDS],
    per_shard: usize,
    next: AtomicUsize,
}

#[derive(Debug, Default)]
struct Shard {
    slots: Vec<Option<Running>>,
    free: Vec<u32>,
}

/// Where an exchange stands in the table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ticket {
    shard: u32,
    slot: u32,
}

impl InFlight {
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            shards: std::array::from_fn(|_| Mutex::default()),
            per_shard: capacity.div_ceil(SHARDS),
            next: AtomicUsize::new(0),
        }
    }

    /// Every running exchange, oldest first.
    #[must_use]
    pub fn running(&self) -> Vec<Running> {
        let mut all = Vec::new();
        for shard in &self.shards {
            all.extend(lock(shard).slots.iter().flatten().cloned());
        }
        all.sort_by_key(|running| running.started);
        all
    }

    /// The exchanges that have been running for `age` or longer at `now`, oldest first: streams that
    /// live long, and exchanges that were leaked.
    #[must_use]
    pub fn overdue(&self, age: Duration, now: Instant) -> Vec<Running> {
        let mut overdue = self.running();
        overdue.retain(|running| running.age(now) >= age);
        overdue
    }

    /// Puts an exchange in, or gives `None` when its shard is full.
    pub(crate) fn open(&self, running: Running) -> Option<Ticket> {
        let index = self.next.fetch_add(1, Ordering::Relaxed) % SHARDS;
        let mut shard = lock(self.shards.get(index)?);
        let slot = match shard.free.pop() {
            Some(slot) => slot,
            None if shard.slots.len() < self.per_shard => {
                shard.slots.push(None);
                u32::try_from(shard.slots.len() - 1).ok()?
            }
            None => return None,
        };
        *shard.slots.get_mut(slot as usize)? = Some(running);
        Some(Ticket {
            shard: u32::try_from(index).ok()?,
            slot,
        })
    }

    pub(crate) fn close(&self, ticket: Ticket) {
        let Some(shard) = self.shards.get(ticket.shard as usize) else {
            return;
        };
        let mut shard = lock(shard);
        if let Some(slot) = shard.slots.get_mut(ticket.slot as usize)
            && slot.take().is_some()
        {
            shard.free.push(ticket.slot);
        }
    }
}

fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}
