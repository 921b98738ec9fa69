//! The lines on their way, bounded by bytes.
//!
//! The budget is divided into shards, and a thread keeps to one, so that threads that log do not
//! wait for each other and the lines of each stay in order. A shard has two buffers: callers append
//! to one while the writer drains the other. A quarter of a buffer is kept for WARN and above, so a
//! flood of chatter cannot silence an error. What does not fit is dropped and counted by severity.

use std::cell::Cell;
use std::mem;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use crate::encode::line;
use crate::severity::{BySeverity, Severity};

/// Smallest budget: three quarters of half of it still hold the longest line.
pub(crate) const MIN_QUEUE_BYTES: usize = 4 * line::MAX_BYTES;
const _: () = assert!(MIN_QUEUE_BYTES / 2 / 4 * 3 >= line::MAX_BYTES);

const MAX_SHARDS: usize = 8;
/// How long the writer lets lines gather before it looks again. A caller then rarely has to wake
/// it, which is the one system call on the path of an event.
const LINGER: Duration = Duration::from_millis(2);

/// Will look at the queue before it waits.
const BUSY: u8 = 0;
/// Looks again within [`LINGER`].
const LINGERING: u8 = 1;
/// Waits to be woken.
const ASLEEP: u8 = 2;
const GONE: u8 = 3;

/// Lines and what is known of them.
#[derive(Debug)]
pub(crate) struct Queue {
    shards: Box<[Shard]>,
    control: Mutex<Control>,
    /// Wakes the writer.
    work: Condvar,
    /// Wakes those who wait for the writer.
    progress: Condvar,
    /// Of one buffer of one shard, bytes.
    capacity: usize,
    /// What the writer does. Changed under the lock of `control`, read without.
    writer: AtomicU8,
    /// Says early that lines are refused: a closed bridge formats nothing.
    is_closed: AtomicBool,
}

/// On a cache line of its own: neighbours are other threads'.
#[derive(Debug)]
#[repr(align(128))]
struct Shard(Mutex<Buffer>);

#[derive(Debug, Default)]
struct Buffer {
    lines: Vec<u8>,
    accepted: u64,
    refused_closed: u64,
    overflow: BySeverity,
    /// The part of `overflow` that no line in the log has told yet.
    untold: Dropped,
    is_closed: bool,
}

#[derive(Debug, Default)]
struct Control {
    written: u64,
    written_bytes: u64,
    /// Accepted lines that the writer has given up.
    lost: u64,
    in_flight_bytes: usize,
    write_errors: u64,
    flushes_wanted: u64,
    flushes_done: u64,
    is_closed: bool,
    is_abandoned: bool,
}

/// Lines that were dropped, and when.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Dropped {
    pub(crate) counts: BySeverity,
    pub(crate) between: Option<(SystemTime, SystemTime)>,
}

impl Dropped {
    fn add(&mut self, severity: Severity, time: SystemTime) {
        self.counts.add(severity);
        let (from, to) = self.between.unwrap_or((time, time));
        self.between = Some((from.min(time), to.max(time)));
    }

    fn merge(&mut self, other: &Self) {
        self.counts.merge(&other.counts);
        self.between = match (self.between, other.between) {
            (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
            (one, other) => one.or(other),
        };
    }
}

/// What the writer is given to do. The lines are in its own buffers.
#[derive(Debug)]
pub(crate) struct Batch {
    /// Lines dropped since this was last told, to be told after the lines of this batch.
    pub(crate) dropped: Dropped,
    /// To be given back when everything up to here has been flushed.
    pub(crate) flush: u64,
}

/// What the writer is to do next.
#[derive(Debug)]
pub(crate) enum Next {
    Batch(Batch),
    /// Nothing came for a while.
    Idle,
    End,
}

/// How a shutdown ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shutdown {
    Finished,
    TimedOut,
}

/// The queue's part of a snapshot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct QueueStats {
    pub(crate) written: u64,
    pub(crate) written_bytes: u64,
    pub(crate) pending: u64,
    pub(crate) pending_bytes: usize,
    pub(crate) capacity: usize,
    pub(crate) overflow: u64,
    pub(crate) closed: u64,
    pub(crate) write_errors: u64,
}

impl Queue {
    /// A queue of `bytes` bytes in all, at least [`MIN_QUEUE_BYTES`], and the writer's buffers.
    pub(crate) fn new(bytes: usize) -> (Self, Vec<Vec<u8>>) {
        let threads = std::thread::available_parallelism().map_or(1, Into::into);
        let shards = (bytes / MIN_QUEUE_BYTES).clamp(1, MAX_SHARDS.min(threads));
        let capacity = bytes / 2 / shards;
        let shard = || {
            Shard(Mutex::new(Buffer {
                lines: Vec::with_capacity(capacity),
                ..Buffer::default()
            }))
        };
        let queue = Self {
            shards: (0..shards).map(|_| shard()).collect(),
            control: Mutex::default(),
            work: Condvar::new(),
            progress: Condvar::new(),
            capacity,
            writer: AtomicU8::new(BUSY),
            is_closed: AtomicBool::new(false),
        };
        let spare = (0..shards).map(|_| Vec::with_capacity(capacity)).collect();
        (queue, spare)
    }

    /// Whether lines are refused. May be late by a moment; [`push`](Self::push) is not.
    pub(crate) fn is_closed(&self) -> bool {
        self.is_closed.load(Ordering::Relaxed)
    }

    /// How full the fullest shard is, 0 to 1.
    pub(crate) fn fill(&self) -> f64 {
        let fullest = self
            .shards
            .iter()
            .map(|shard| shard.lock().lines.len())
            .max();
        fullest.unwrap_or_default() as f64 / self.capacity as f64
    }

    /// Takes a line, or drops and counts it.
    pub(crate) fn push(&self, severity: Severity, time: SystemTime, line: &[u8]) {
        let Some(shard) = self.shards.get(thread_number() % self.shards.len()) else {
            return;
        };
        let mut buffer = shard.lock();
        if buffer.is_closed {
            buffer.refused_closed += 1;
            return;
        }
        let room = if severity >= Severity::WARN {
            self.capacity
        } else {
            self.capacity / 4 * 3
        };
        if buffer.lines.len() + line.len() > room {
            buffer.overflow.add(severity);
            buffer.untold.add(severity, time);
            return;
        }
        buffer.lines.extend_from_slice(line);
        buffer.accepted += 1;
        let is_much = buffer.lines.len() >= self.capacity / 4;
        drop(buffer);
        match self.writer.load(Ordering::Relaxed) {
            ASLEEP => self.wake(),
            LINGERING if is_much => self.wake(),
            _ => {}
        }
    }

    /// The lock of a shard orders this: a writer that fell asleep before the line came saw the shard
    /// empty after it had said so, and one that falls asleep after it sees the line.
    fn wake(&self) {
        let control = self.lock();
        let state = self.writer.load(Ordering::Relaxed);
        if state == ASLEEP || state == LINGERING {
            self.writer.store(BUSY, Ordering::Relaxed);
            drop(control);
            self.work.notify_one();
        }
    }

    /// Counts an event refused because of [`is_closed`](Self::is_closed).
    pub(crate) fn refuse_closed(&self) {
        if let Some(shard) = self.shards.get(thread_number() % self.shards.len()) {
            shard.lock().refused_closed += 1;
        }
    }

    /// Waits for lines and swaps them for the writer's empty buffers. Returns without any after
    /// `patience`, if that is given.
    pub(crate) fn take(&self, buffers: &mut [Vec<u8>], patience: Option<Duration>) -> Next {
        let mut control = self.lock();
        if !control.is_urgent() && !self.has_lines() {
            self.writer.store(LINGERING, Ordering::Relaxed);
            control = self.wait(control, LINGER).0;
        }
        loop {
            if control.is_urgent() {
                break;
            }
            self.writer.store(ASLEEP, Ordering::Relaxed);
            if self.has_lines() {
                break;
            }
            match patience {
                None => {
                    control = self
                        .work
                        .wait(control)
                        .unwrap_or_else(PoisonError::into_inner);
                }
                Some(patience) => {
                    let (kept, timed_out) = self.wait(control, patience);
                    control = kept;
                    if timed_out && !control.is_urgent() && !self.has_lines() {
                        self.writer.store(BUSY, Ordering::Relaxed);
                        return Next::Idle;
                    }
                }
            }
        }
        self.writer.store(BUSY, Ordering::Relaxed);
        if control.is_abandoned {
            return Next::End;
        }
        // Read before the lines are taken: what was queued before a flush was asked for is in them.
        let flush = control.flushes_wanted;
        let mut dropped = Dropped::default();
        let mut bytes = 0;
        for (shard, buffer) in self.shards.iter().zip(buffers) {
            let mut state = shard.lock();
            buffer.clear();
            mem::swap(&mut state.lines, buffer);
            dropped.merge(&mem::take(&mut state.untold));
            bytes += buffer.len();
        }
        control.in_flight_bytes = bytes;
        let is_settled = bytes == 0 && dropped.counts.total() == 0 && flush == control.flushes_done;
        if control.is_closed && is_settled {
            return Next::End;
        }
        Next::Batch(Batch { dropped, flush })
    }

    /// The writer has handed over `bytes` bytes with the ends of `lines` lines.
    pub(crate) fn wrote(&self, bytes: usize, lines: u64) {
        let mut control = self.lock();
        control.in_flight_bytes = control.in_flight_bytes.saturating_sub(bytes);
        control.written += lines;
        control.written_bytes += bytes as u64;
    }

    /// The writer has flushed everything of a batch.
    pub(crate) fn flushed(&self, flush: u64) {
        self.lock().flushes_done = flush;
        self.progress.notify_all();
    }

    /// The writer has met an error and wants to pause. Whether it should try again.
    pub(crate) fn pause(&self, duration: Duration, is_error: bool) -> bool {
        let mut control = self.lock();
        control.write_errors += u64::from(is_error);
        if is_error && control.is_closed {
            // A broken pipe will not heal while the process waits to exit.
            return false;
        }
        let (control, _) = self
            .work
            .wait_timeout_while(control, duration, |control| {
                let is_hopeless = is_error && control.is_closed;
                !control.is_abandoned && !is_hopeless
            })
            .unwrap_or_else(PoisonError::into_inner);
        !control.is_abandoned
    }

    /// The writer thread has ended: what it has not written is lost.
    pub(crate) fn writer_gone(&self) {
        let accepted = self.close();
        let mut control = self.lock();
        control.is_closed = true;
        control.lost = accepted - control.written;
        control.in_flight_bytes = 0;
        self.writer.store(GONE, Ordering::Relaxed);
        for shard in &self.shards {
            shard.lock().lines = Vec::new();
        }
        self.progress.notify_all();
    }

    /// Waits until everything accepted before the call has been written and flushed.
    pub(crate) fn flush(&self, timeout: Duration) {
        let mut control = self.lock();
        control.flushes_wanted += 1;
        let wanted = control.flushes_wanted;
        self.work.notify_one();
        let waited = self
            .progress
            .wait_timeout_while(control, timeout, |control| {
                control.flushes_done < wanted && !self.is_gone()
            });
        drop(waited);
    }

    /// Refuses further lines and lets the writer end once it has written the others.
    pub(crate) fn begin_shutdown(&self) {
        self.close();
        self.lock().is_closed = true;
        self.work.notify_one();
    }

    /// Waits until the writer has ended. Past `timeout` it is told to end at its next chance.
    pub(crate) fn end_shutdown(&self, timeout: Duration) -> Shutdown {
        let control = self.lock();
        let (mut control, _) = self
            .progress
            .wait_timeout_while(control, timeout, |_| !self.is_gone())
            .unwrap_or_else(PoisonError::into_inner);
        if self.is_gone() {
            return Shutdown::Finished;
        }
        control.is_abandoned = true;
        self.work.notify_one();
        Shutdown::TimedOut
    }

    /// The queue's part of a snapshot.
    pub(crate) fn stats(&self) -> QueueStats {
        // Shards first: what is written in between was accepted before.
        let mut stats = QueueStats {
            capacity: 2 * self.capacity * self.shards.len(),
            ..QueueStats::default()
        };
        let control = self.lock();
        let mut accepted = 0;
        for shard in &self.shards {
            let buffer = shard.lock();
            accepted += buffer.accepted;
            stats.pending_bytes += buffer.lines.len();
            stats.overflow += buffer.overflow.total();
            stats.closed += buffer.refused_closed;
        }
        stats.written = control.written;
        stats.written_bytes = control.written_bytes;
        stats.pending = accepted.saturating_sub(control.written + control.lost);
        stats.pending_bytes += control.in_flight_bytes;
        stats.closed += control.lost;
        stats.write_errors = control.write_errors;
        stats
    }

    /// Closes every shard and says how many lines they took.
    fn close(&self) -> u64 {
        self.is_closed.store(true, Ordering::Relaxed);
        let close = |shard: &Shard| {
            let mut buffer = shard.lock();
            buffer.is_closed = true;
            buffer.accepted
        };
        self.shards.iter().map(close).sum()
    }

    fn is_gone(&self) -> bool {
        self.writer.load(Ordering::Relaxed) == GONE
    }

    fn has_lines(&self) -> bool {
        self.shards
            .iter()
            .any(|shard| !shard.lock().lines.is_empty())
    }

    fn wait<'a>(
        &self,
        control: MutexGuard<'a, Control>,
        timeout: Duration,
    ) -> (MutexGuard<'a, Control>, bool) {
        let (control, result) = self
            .work
            .wait_timeout_while(control, timeout, |control| {
                self.writer.load(Ordering::Relaxed) != BUSY && !control.is_urgent()
            })
            .unwrap_or_else(PoisonError::into_inner);
        (control, result.timed_out())
    }

    fn lock(&self) -> MutexGuard<'_, Control> {
        self.control.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shard {
    fn lock(&self) -> MutexGuard<'_, Buffer> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Control {
    /// Whether someone waits for the writer.
    const fn is_urgent(&self) -> bool {
        self.flushes_wanted > self.flushes_done || self.is_closed
    }
}

/// A number of this thread's, dense from 0.
fn thread_number() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        // Without a destructor, so it outlives every thread-local that has one.
        static NUMBER: Cell<usize> = const { Cell::new(usize::MAX) };
    }
    let known = NUMBER.get();
    if known != usize::MAX {
        return known;
    }
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    NUMBER.set(number);
    number
}
