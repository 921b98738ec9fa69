//! The thread that writes.
//!
//! It writes whole lines in the order they were queued, resumes a short write where it stopped, and
//! keeps what it could not write: only the end of a shutdown makes it give up. After the queue has
//! overflowed it says so in the log itself, where the reader of the log will look.

use std::io::{self, ErrorKind, Write};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use otel_core::clock::Clock;
use otel_core::opentelemetry::Context;
use otel_core::semconv;

use super::file::RotatingFile;
use super::queue::{Batch, Dropped, Next};
use super::{Lines, Queue};
use crate::capture::mute_thread;
use crate::encode::time::Timestamps;
use crate::name::Name;
use crate::record::{Record, Target, Value};
use crate::severity::Severity;

const FIRST_PAUSE: Duration = Duration::from_millis(1);
/// Longest pause of a writer that would block: it may take more at any moment.
const LONGEST_WAIT: Duration = Duration::from_millis(50);
/// Longest pause of a writer that fails.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// How often files are looked after when nothing is written.
const UPKEEP: Duration = Duration::from_secs(30);

/// Target of what the bridge says itself.
pub(crate) const OWN_TARGET: &str = "otel_log_bridge";

/// Where bytes end up.
pub(crate) enum Out {
    Write(Box<dyn Write + Send>),
    File(Box<RotatingFile>),
}

/// Writes the lines of a queue.
pub(crate) struct Writer {
    pub(crate) out: Out,
    pub(crate) lines: Arc<Lines>,
    pub(crate) clock: Arc<dyn Clock>,
}

/// The writer was told to end with lines unwritten.
struct Abandoned;

impl Writer {
    /// Starts the thread. `buffers` are the queue's other halves.
    pub(crate) fn spawn(mut self, mut buffers: Vec<Vec<u8>>) -> io::Result<()> {
        let patience = match self.out {
            Out::File(_) => Some(UPKEEP),
            Out::Write(_) => None,
        };
        thread::Builder::new()
            .name("otel-log-writer".to_owned())
            .spawn(move || {
                // Runs also when a writer of the user's panics.
                let _gone = Gone(Arc::clone(&self.lines.queue));
                // What a writer logs about writing would never end.
                mute_thread();
                let _suppressed = Context::enter_telemetry_suppressed_scope();
                loop {
                    match self.lines.queue.take(&mut buffers, patience) {
                        Next::Batch(batch) => {
                            if self.write_batch(&batch, &buffers).is_err() {
                                break;
                            }
                        }
                        Next::Idle => self.upkeep(),
                        Next::End => break,
                    }
                }
            })?;
        Ok(())
    }

    fn upkeep(&mut self) {
        if let Out::File(file) = &mut self.out
            && file.upkeep(self.clock.wall()).is_err()
        {
            self.lines.queue.pause(Duration::ZERO, true);
        }
    }

    fn write_batch(&mut self, batch: &Batch, buffers: &[Vec<u8>]) -> Result<(), Abandoned> {
        for buffer in buffers {
            self.write(buffer, |queue, written| {
                queue.wrote(written.len(), line_ends(written));
            })?;
        }
        if batch.dropped.counts.total() > 0 {
            let line = self.dropped_line(&batch.dropped);
            self.write(&line, |_, _| {})?;
        }
        self.retry(Out::flush)?;
        self.lines.queue.flushed(batch.flush);
        Ok(())
    }

    fn write(&mut self, bytes: &[u8], wrote: impl Fn(&Queue, &[u8])) -> Result<(), Abandoned> {
        let mut rest = bytes;
        while !rest.is_empty() {
            let now = self.clock.wall();
            let taken = self.retry(|out| match out.write(rest, now)? {
                0 => Err(ErrorKind::WriteZero.into()),
                taken => Ok(taken),
            })?;
            let (written, after) = rest.split_at_checked(taken).unwrap_or((rest, &[]));
            wrote(&self.lines.queue, written);
            rest = after;
        }
        Ok(())
    }

    fn retry<T>(
        &mut self,
        mut attempt: impl FnMut(&mut Out) -> io::Result<T>,
    ) -> Result<T, Abandoned> {
        let mut pause = FIRST_PAUSE;
        loop {
            let (is_error, longest) = match attempt(&mut self.out) {
                Ok(done) => return Ok(done),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == ErrorKind::WouldBlock => (false, LONGEST_WAIT),
                Err(_) => (true, LONGEST_PAUSE),
            };
            if !self.lines.queue.pause(pause, is_error) {
                return Err(Abandoned);
            }
            pause = (pause * 2).min(longest);
        }
    }

    /// The record that tells how many lines are missing here.
    fn dropped_line(&self, dropped: &Dropped) -> Vec<u8> {
        let mut record = Record::default();
        record.time = self.clock.wall();
        record.severity = Severity::WARN;
        record.event_name = Some(Name::own(semconv::LOG_DROPPED));
        record.target = Target::Static(Name::own(OWN_TARGET));
        let body = record.push_text("log lines were dropped: the queue was full");
        record.body = Some(body);
        let mut count = |name: &str, count: u64| {
            if let Some(name) = Name::intern(&format!("{}.{name}", semconv::LOG_DROPPED)) {
                record.add(name, Value::Int(i64::try_from(count).unwrap_or(i64::MAX)));
            }
        };
        count("count", dropped.counts.total());
        for (severity, lines) in dropped.counts.counted() {
            count(severity, lines);
        }
        let mut timestamps = Timestamps::new();
        if let Some((from, to)) = dropped.between {
            for (name, time) in [("from", from), ("to", to)] {
                let text = timestamps.stamp(time);
                let text = record.push_text(&String::from_utf8_lossy(&text));
                if let Some(name) = Name::intern(&format!("{}.{name}", semconv::LOG_DROPPED)) {
                    record.add(name, Value::Text(text));
                }
            }
        }
        let mut line = Vec::new();
        self.lines.encode(&record, &mut line, &mut timestamps);
        line
    }
}

impl Out {
    fn write(&mut self, bytes: &[u8], now: std::time::SystemTime) -> io::Result<usize> {
        match self {
            Self::Write(out) => out.write(bytes),
            Self::File(file) => file.write(bytes, now),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Write(out) => out.flush(),
            Self::File(file) => file.flush(),
        }
    }
}

/// Newlines in `bytes`: there is one to a line, at its end.
fn line_ends(bytes: &[u8]) -> u64 {
    // In sums of one byte each, which compile to vector code.
    bytes
        .chunks(usize::from(u8::MAX))
        .map(|chunk| {
            chunk
                .iter()
                .map(|&byte| u8::from(byte == b'\n'))
                .sum::<u8>()
        })
        .map(u64::from)
        .sum()
}

/// Tells the queue when the thread ends, however it ends.
struct Gone(Arc<Queue>);

impl Drop for Gone {
    fn drop(&mut self) {
        self.0.writer_gone();
    }
}
