//! The lines on their way, bounded by bytes.
//!
//! Two buffers of half the budget each: callers append to one while the writer drains the other.
//! A quarter of a buffer is kept for WARN and above, so a flood of chatter cannot silence an error;
//! both share one buffer, so lines stay in the order they came in. What does not fit is dropped
//! and counted by severity.

use std::mem;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::encode::line;
use crate::severity::{BySeverity, Severity};
use crate::stats::LogStats;

/// Smallest budget: three quarters of half of it still hold the longest line.
pub(crate) const MIN_QUEUE_BYTES: usize = 4 * line::MAX_BYTES;
const _: () = assert!(MIN_QUEUE_BYTES / 2 / 4 * 3 >= line::MAX_BYTES);

/// How long the writer lets lines gather before it looks again. A caller then rarely has to wake
/// it, which is the one system call on the path of an event.
const LINGER: Duration = Duration::from_millis(2);

/// Lines and what is known of them.
#[derive(Debug)]
pub(crate) struct Queue {
    state: Mutex<State>,
    /// Wakes the writer.
    work: Condvar,
    /// Wakes those who wait for the writer.
    progress: Condvar,
    capacity: usize,
    /// A copy of `State::is_closed` that costs no lock: a closed bridge formats nothing.
    is_closed: AtomicBool,
}

#[derive(Debug)]
struct State {
    lines: Vec<u8>,
    writer: WriterState,
    accepted: u64,
    written: u64,
    /// Accepted lines that the writer has given up.
    lost: u64,
    refused_closed: u64,
    in_flight_bytes: usize,
    overflow: BySeverity,
    /// The part of `overflow` that no line in the log has told yet.
    untold: BySeverity,
    write_errors: u64,
    flushes_wanted: u64,
    flushes_done: u64,
    is_closed: bool,
    is_abandoned: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WriterState {
    /// Will look at the queue before it waits.
    Busy,
    /// Looks again within [`LINGER`].
    Lingering,
    /// Waits to be woken.
    Asleep,
    Gone,
}

/// What the writer is given to do. The lines are in its own buffer.
#[derive(Debug)]
pub(crate) struct Batch {
    /// Lines dropped since this was last told, to be told after the lines of this batch.
    pub(crate) dropped: BySeverity,
    /// To be given back when everything up to here has been flushed.
    pub(crate) flush: u64,
}

/// How a shutdown ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shutdown {
    Finished,
    TimedOut,
}

impl Queue {
    /// A queue of `bytes` bytes in all, at least [`MIN_QUEUE_BYTES`], and the writer's buffer.
    pub(crate) fn new(bytes: usize) -> (Self, Vec<u8>) {
        let capacity = bytes / 2;
        let queue = Self {
            state: Mutex::new(State {
                lines: Vec::with_capacity(capacity),
                writer: WriterState::Busy,
                accepted: 0,
                written: 0,
                lost: 0,
                refused_closed: 0,
                in_flight_bytes: 0,
                overflow: BySeverity::default(),
                untold: BySeverity::default(),
                write_errors: 0,
                flushes_wanted: 0,
                flushes_done: 0,
                is_closed: false,
                is_abandoned: false,
            }),
            work: Condvar::new(),
            progress: Condvar::new(),
            capacity,
            is_closed: AtomicBool::new(false),
        };
        (queue, Vec::with_capacity(capacity))
    }

    /// Whether lines are refused. May be late by a moment; [`push`](Self::push) is not.
    pub(crate) fn is_closed(&self) -> bool {
        self.is_closed.load(Ordering::Relaxed)
    }

    /// Takes a line, or drops and counts it.
    pub(crate) fn push(&self, severity: Severity, line: &[u8]) {
        let mut state = self.lock();
        if state.is_closed {
            state.refused_closed += 1;
            return;
        }
        let room = if severity >= Severity::Warn {
            self.capacity
        } else {
            self.capacity / 4 * 3
        };
        if state.lines.len() + line.len() > room {
            state.overflow.add(severity);
            state.untold.add(severity);
            return;
        }
        state.lines.extend_from_slice(line);
        state.accepted += 1;
        let must_wake = match state.writer {
            WriterState::Asleep => true,
            WriterState::Lingering => state.lines.len() >= self.capacity / 4,
            WriterState::Busy | WriterState::Gone => false,
        };
        if must_wake {
            state.writer = WriterState::Busy;
            drop(state);
            self.work.notify_one();
        }
    }

    /// Counts an event refused because of [`is_closed`](Self::is_closed).
    pub(crate) fn refuse_closed(&self) {
        self.lock().refused_closed += 1;
    }

    /// Waits for lines and swaps them for the writer's empty buffer. `None` when the queue is
    /// closed and empty, or abandoned.
    pub(crate) fn take(&self, buffer: &mut Vec<u8>) -> Option<Batch> {
        let mut state = self.lock();
        if state.has_nothing_to_do() {
            state.writer = WriterState::Lingering;
            state = self.wait_for_work(state, LINGER);
        }
        while state.has_nothing_to_do() {
            state.writer = WriterState::Asleep;
            state = self
                .work
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        state.writer = WriterState::Busy;
        if state.is_abandoned || (state.is_closed && state.is_settled()) {
            return None;
        }
        buffer.clear();
        mem::swap(&mut state.lines, buffer);
        state.in_flight_bytes = buffer.len();
        Some(Batch {
            dropped: mem::take(&mut state.untold),
            flush: state.flushes_wanted,
        })
    }

    /// The writer has handed over `bytes` bytes with the ends of `lines` lines.
    pub(crate) fn wrote(&self, bytes: usize, lines: u64) {
        let mut state = self.lock();
        state.in_flight_bytes = state.in_flight_bytes.saturating_sub(bytes);
        state.written += lines;
    }

    /// The writer has flushed everything of a batch.
    pub(crate) fn flushed(&self, flush: u64) {
        self.lock().flushes_done = flush;
        self.progress.notify_all();
    }

    /// The writer has met an error and wants to pause. Whether it should try again.
    pub(crate) fn pause(&self, duration: Duration, is_error: bool) -> bool {
        let mut state = self.lock();
        state.write_errors += u64::from(is_error);
        if is_error && state.is_closed {
            // A broken pipe will not heal while the process waits to exit.
            return false;
        }
        let (state, _) = self
            .work
            .wait_timeout_while(state, duration, |state| {
                let is_hopeless = is_error && state.is_closed;
                !state.is_abandoned && !is_hopeless
            })
            .unwrap_or_else(PoisonError::into_inner);
        !state.is_abandoned
    }

    /// The writer thread has ended: what it has not written is lost.
    pub(crate) fn writer_gone(&self) {
        let mut state = self.lock();
        state.is_closed = true;
        self.is_closed.store(true, Ordering::Relaxed);
        state.lost = state.accepted - state.written;
        state.lines = Vec::new();
        state.in_flight_bytes = 0;
        state.writer = WriterState::Gone;
        self.progress.notify_all();
    }

    /// Waits until everything accepted before the call has been written and flushed.
    pub(crate) fn flush(&self, timeout: Duration) {
        let mut state = self.lock();
        state.flushes_wanted += 1;
        let wanted = state.flushes_wanted;
        self.work.notify_one();
        let waited = self.progress.wait_timeout_while(state, timeout, |state| {
            state.flushes_done < wanted && state.writer != WriterState::Gone
        });
        drop(waited);
    }

    /// Refuses further lines and waits until the writer has ended. Past `timeout` it is told to end
    /// at its next chance.
    pub(crate) fn shutdown(&self, timeout: Duration) -> Shutdown {
        let mut state = self.lock();
        state.is_closed = true;
        self.is_closed.store(true, Ordering::Relaxed);
        self.work.notify_one();
        let (mut state, _) = self
            .progress
            .wait_timeout_while(state, timeout, |state| state.writer != WriterState::Gone)
            .unwrap_or_else(PoisonError::into_inner);
        if state.writer == WriterState::Gone {
            return Shutdown::Finished;
        }
        state.is_abandoned = true;
        self.work.notify_one();
        Shutdown::TimedOut
    }

    /// The queue's part of a snapshot.
    pub(crate) fn stats(&self) -> LogStats {
        let state = self.lock();
        LogStats {
            written: state.written,
            pending: state.accepted - state.written - state.lost,
            pending_bytes: state.lines.len() + state.in_flight_bytes,
            queue_full: state.overflow.total(),
            closed: state.refused_closed + state.lost,
            write_errors: state.write_errors,
            reentrant: 0,
            internal: 0,
            renamed_fields: 0,
            overwritten_fields: 0,
            dropped_fields: 0,
            truncated_values: 0,
            unplanned: 0,
        }
    }

    fn wait_for_work<'a>(
        &self,
        state: MutexGuard<'a, State>,
        timeout: Duration,
    ) -> MutexGuard<'a, State> {
        let (state, _) = self
            .work
            .wait_timeout_while(state, timeout, |state| {
                state.writer == WriterState::Lingering && !state.is_urgent()
            })
            .unwrap_or_else(PoisonError::into_inner);
        state
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn has_nothing_to_do(&self) -> bool {
        self.lines.is_empty() && !self.is_urgent()
    }

    /// Whether someone waits for the writer.
    fn is_urgent(&self) -> bool {
        self.flushes_wanted > self.flushes_done || self.is_closed
    }

    /// Whether nothing is left to write.
    fn is_settled(&self) -> bool {
        self.lines.is_empty()
            && self.untold.total() == 0
            && self.flushes_wanted == self.flushes_done
    }
}
