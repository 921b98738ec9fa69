//! Panics, recorded before they take the process with them.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::fmt::Write;
use std::panic::{self, PanicHookInfo};
use std::sync::{Arc, Weak};
use std::time::Duration;

use otel_core::semconv;

use crate::capture::{Turn, settle};
use crate::encode::keys;
use crate::ids::Correlation;
use crate::name::Name;
use crate::record::{MAX_BODY_BYTES, MAX_VALUE_BYTES, Target, Value};
use crate::severity::Severity;
use crate::shared::{Shared, source_path};

/// How long a panic that ends the process may wait for its record to be written.
const LAST_FLUSH: Duration = Duration::from_millis(500);

/// Adds the recording of panics to the hook that is there. It lasts as long as the bridge.
pub(crate) fn install(shared: &Arc<Shared>) {
    let shared = Weak::clone(&Arc::downgrade(shared));
    let previous = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if let Some(shared) = shared.upgrade() {
            shared.panicked(info);
        }
        previous(info);
    }));
}

impl Shared {
    fn panicked(&self, info: &PanicHookInfo<'_>) {
        if self.is_closed() {
            return;
        }
        // One within the formatting of an event is contained there.
        let is_contained = Turn::is_taken();
        let Some(turn) = Turn::take() else {
            self.counters.reentrant();
            return;
        };
        let is_last = !is_contained && is_last(std::thread::current().name());
        let mut scratch = turn.scratch();
        let record = &mut scratch.record;
        record.clear();
        record.time = self.clock.wall();
        record.severity = if is_last {
            Severity::FATAL
        } else {
            Severity::ERROR
        };
        record.correlation = Correlation::current().unwrap_or_default();
        record.event_name = Some(Name::own(semconv::LOG_PANIC));
        record.target = Target::Static(Name::own("panic"));
        let payload = info.payload();
        let message = payload
            .downcast_ref::<&str>()
            .copied()
            .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
            .unwrap_or("a value that is not text");
        let names = keys::names();
        let redaction = &self.rules.redaction;
        let work = &mut scratch.work;
        let search = crate::redact::Treatment::Search;
        let body = settle(record, MAX_BODY_BYTES, search, (redaction, work), |out| {
            write!(out, "panicked: {message}")
        });
        record.body = body.map(|body| body.text);
        let kind = Value::Text(record.push_text("panic"));
        record.add(names.exception_type, kind);
        let text = settle(record, MAX_VALUE_BYTES, search, (redaction, work), |out| {
            out.push(message);
            Ok(())
        });
        if let Some(text) = text {
            record.add(names.exception_message, Value::Text(text.text));
        }
        let backtrace = Backtrace::capture();
        if backtrace.status() == BacktraceStatus::Captured {
            let text = settle(record, MAX_BODY_BYTES, search, (redaction, work), |out| {
                write!(out, "{backtrace}")
            });
            if let Some(text) = text {
                record.add(names.exception_stacktrace, Value::Text(text.text));
            }
        }
        if let Some(location) = info.location() {
            let file = Value::Text(record.push_text(source_path(location.file())));
            record.add(names.code_file_path, file);
            record.add(names.code_line_number, Value::Int(location.line().into()));
        }
        if let Some(name) = std::thread::current().name() {
            let name = Value::Text(record.push_text(name));
            record.add(names.thread_name, name);
        }
        if let Some(buffers) = &self.buffers
            && let Some(key) = buffers.key(&record.correlation)
        {
            self.release(buffers, key);
        }
        self.emit(&mut scratch, false);
        turn.keep(scratch);
        if is_last {
            self.flush(LAST_FLUSH);
        }
    }
}

/// Whether the process ends with this panic, as far as can be told: it aborts on every one, or this
/// is the main thread.
fn is_last(thread: Option<&str>) -> bool {
    cfg!(panic = "abort") || thread == Some("main")
}
