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

use super::Queue;
use super::queue::Batch;
use crate::capture::mute_thread;
use crate::encode::keys;
use crate::encode::line::Parts;
use crate::encode::resource::ResourceMembers;
use crate::encode::time::Timestamps;
use crate::ids::Correlation;
use crate::severity::{BySeverity, Severity};

const FIRST_PAUSE: Duration = Duration::from_millis(1);
/// Longest pause of a writer that would block: it may take more at any moment.
const LONGEST_WAIT: Duration = Duration::from_millis(50);
/// Longest pause of a writer that fails.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Name of the event that tells of dropped lines.
const DROPPED_EVENT: &str = "log.dropped";

/// Writes the lines of a queue.
pub(crate) struct Writer {
    pub(crate) out: Box<dyn Write + Send>,
    pub(crate) queue: Arc<Queue>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) resource: Arc<ResourceMembers>,
}

/// The writer was told to end with lines unwritten.
struct Abandoned;

impl Writer {
    /// Starts the thread. `buffer` is the queue's other half.
    pub(crate) fn spawn(mut self, mut buffer: Vec<u8>) -> io::Result<()> {
        thread::Builder::new()
            .name("otel-log-writer".to_owned())
            .spawn(move || {
                // Runs also when a writer of the user's panics.
                let _gone = Gone(Arc::clone(&self.queue));
                // What a writer logs about writing would never end.
                mute_thread();
                let _suppressed = Context::enter_telemetry_suppressed_scope();
                while let Some(batch) = self.queue.take(&mut buffer) {
                    if self.write_batch(&batch, &buffer).is_err() {
                        break;
                    }
                }
            })?;
        Ok(())
    }

    fn write_batch(&mut self, batch: &Batch, lines: &[u8]) -> Result<(), Abandoned> {
        self.write(lines, |queue, written| {
            queue.wrote(written.len(), line_ends(written));
        })?;
        if batch.dropped.total() > 0 {
            let line = self.dropped_line(&batch.dropped);
            self.write(&line, |_, _| {})?;
        }
        self.retry(|out| out.flush())?;
        self.queue.flushed(batch.flush);
        Ok(())
    }

    fn write(&mut self, bytes: &[u8], wrote: impl Fn(&Queue, &[u8])) -> Result<(), Abandoned> {
        let mut rest = bytes;
        while !rest.is_empty() {
            let taken = self.retry(|out| match out.write(rest)? {
                0 => Err(ErrorKind::WriteZero.into()),
                taken => Ok(taken),
            })?;
            let (written, after) = rest.split_at_checked(taken).unwrap_or((rest, &[]));
            wrote(&self.queue, written);
            rest = after;
        }
        Ok(())
    }

    fn retry<T>(
        &mut self,
        mut attempt: impl FnMut(&mut dyn Write) -> io::Result<T>,
    ) -> Result<T, Abandoned> {
        let mut pause = FIRST_PAUSE;
        loop {
            let (is_error, longest) = match attempt(&mut *self.out) {
                Ok(done) => return Ok(done),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == ErrorKind::WouldBlock => (false, LONGEST_WAIT),
                Err(_) => (true, LONGEST_PAUSE),
            };
            if !self.queue.pause(pause, is_error) {
                return Err(Abandoned);
            }
            pause = (pause * 2).min(longest);
        }
    }

    /// The record that tells how many lines are missing here.
    fn dropped_line(&self, dropped: &BySeverity) -> Vec<u8> {
        let mut fields = Vec::new();
        let mut count = |name: &str, count: u64| {
            keys::push_member(&mut fields, name);
            fields.extend_from_slice(itoa::Buffer::new().format(count).as_bytes());
        };
        count("log.dropped.count", dropped.total());
        for severity in Severity::ALL {
            if dropped.get(severity) > 0 {
                count(
                    &format!("log.dropped.{}", severity.name()),
                    dropped.get(severity),
                );
            }
        }
        let mut line = Vec::new();
        Parts {
            time: self.clock.wall(),
            severity: Severity::Warn,
            body: Some(b"log lines were dropped: the queue was full"),
            correlation: &Correlation::default(),
            event_name: &keys::text_member(keys::EVENT_NAME, DROPPED_EVENT),
            target: &keys::text_member(keys::TARGET, "otel_log_bridge"),
            fields: &fields,
            dropped_fields: 0,
            resource: self.resource.current().members(),
        }
        .write(&mut line, &mut Timestamps::new());
        line
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
