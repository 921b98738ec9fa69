//! The events that are held, by request.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::RequestBuffer;
use crate::ids::{Correlation, Request};
use crate::record::Record;

const SHARDS: usize = 16;
/// Records a shard keeps for use again.
const MAX_SPARE: usize = 64;

/// The held events of all requests.
#[derive(Debug)]
pub(crate) struct Buffers {
    limits: RequestBuffer,
    shards: [Mutex<Shard>; SHARDS],
    /// Ids come from callers, who must not be able to make two meet.
    hasher: RandomState,
    bytes: AtomicUsize,
    forgotten: AtomicU64,
    held: AtomicU64,
}

#[derive(Debug, Default)]
struct Shard {
    requests: HashMap<u64, Pending>,
    spare: Vec<Record>,
    /// Rises with each request.
    next: u64,
}

#[derive(Debug)]
struct Pending {
    records: VecDeque<Record>,
    bytes: usize,
    number: u64,
    has_failed: bool,
}

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Held {
    Held,
    /// Its request has failed: it is to be written.
    Written,
}

impl Buffers {
    pub(crate) fn new(limits: RequestBuffer) -> Self {
        Self {
            limits,
            shards: std::array::from_fn(|_| Mutex::default()),
            hasher: RandomState::new(),
            bytes: AtomicUsize::new(0),
            forgotten: AtomicU64::new(0),
            held: AtomicU64::new(0),
        }
    }

    /// The request an event belongs to, if to any.
    pub(crate) fn key(&self, correlation: &Correlation) -> Option<u64> {
        match (&correlation.request, &correlation.span) {
            (Request::Id(id) | Request::Fallback(id), _) => Some(self.hasher.hash_one(id.as_str())),
            (Request::None, Some(span)) => Some(self.hasher.hash_one(span.trace_id.to_bytes())),
            (Request::None, None) => None,
        }
    }

    /// Holds an event, unless its request has failed already.
    pub(crate) fn hold(&self, key: u64, record: &Record) -> Held {
        let Some(mut shard) = self.shard(key) else {
            return Held::Written;
        };
        let per_shard = self.limits.requests.div_ceil(SHARDS);
        let is_full = shard.requests.len() >= per_shard && !shard.requests.contains_key(&key);
        if is_full || self.bytes.load(Ordering::Relaxed) >= self.limits.total {
            self.forget_oldest(&mut shard);
        }
        let mut kept = shard.spare.pop().unwrap_or_else(Record::small);
        kept.copy_from(record);
        let bytes = kept.footprint();
        shard.next += 1;
        let number = shard.next;
        let Shard {
            requests, spare, ..
        } = &mut *shard;
        let pending = requests.entry(key).or_insert_with(|| Pending {
            records: VecDeque::new(),
            bytes: 0,
            number,
            has_failed: false,
        });
        if pending.has_failed {
            spare.push(kept);
            return Held::Written;
        }
        pending.records.push_back(kept);
        pending.bytes += bytes;
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.held.fetch_add(1, Ordering::Relaxed);
        while pending.bytes > self.limits.per_request
            && let Some(oldest) = pending.records.pop_front()
        {
            pending.bytes -= oldest.footprint();
            self.give_up(spare, oldest);
        }
        Held::Held
    }

    /// The request has failed: gives its events to `write`, oldest first.
    pub(crate) fn release(&self, key: u64, mut write: impl FnMut(&Record)) {
        let released = {
            let Some(mut shard) = self.shard(key) else {
                return;
            };
            let Some(pending) = shard.requests.get_mut(&key) else {
                return;
            };
            pending.has_failed = true;
            pending.bytes = 0;
            std::mem::take(&mut pending.records)
        };
        for record in &released {
            write(record);
        }
        let bytes = released.iter().map(Record::footprint).sum();
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
        self.held
            .fetch_sub(released.len() as u64, Ordering::Relaxed);
    }

    /// The request has ended: its events are not needed.
    pub(crate) fn forget(&self, key: u64) {
        if let Some(mut shard) = self.shard(key)
            && let Some(pending) = shard.requests.remove(&key)
        {
            for record in pending.records {
                self.give_up(&mut shard.spare, record);
            }
        }
    }

    /// Events held at present.
    pub(crate) fn held(&self) -> u64 {
        self.held.load(Ordering::Relaxed)
    }

    /// Events that were held and never needed.
    pub(crate) fn forgotten(&self) -> u64 {
        self.forgotten.load(Ordering::Relaxed)
    }

    fn forget_oldest(&self, shard: &mut Shard) {
        let oldest = shard
            .requests
            .iter()
            .min_by_key(|(_, pending)| pending.number);
        let oldest = oldest.map(|(key, _)| *key);
        if let Some(pending) = oldest.and_then(|key| shard.requests.remove(&key)) {
            for record in pending.records {
                self.give_up(&mut shard.spare, record);
            }
        }
    }

    fn give_up(&self, spare: &mut Vec<Record>, record: Record) {
        self.bytes.fetch_sub(record.footprint(), Ordering::Relaxed);
        self.held.fetch_sub(1, Ordering::Relaxed);
        self.forgotten.fetch_add(1, Ordering::Relaxed);
        if spare.len() < MAX_SPARE {
            spare.push(record);
        }
    }

    fn shard(&self, key: u64) -> Option<MutexGuard<'_, Shard>> {
        let shard = self.shards.get(key as usize % SHARDS)?;
        Some(shard.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
