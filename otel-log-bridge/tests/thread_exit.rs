//! A line logged by the destructor of a thread-local.
//!
//! By then the scoped subscriber of the thread is gone, so the subscriber must be the global one:
//! a process of its own.

use std::cell::RefCell;
use std::thread;
use std::time::Duration;

use otel_core::opentelemetry::Context;
use otel_core::resource::Resource;
use otel_log_bridge::{JsonSink, LogBridge};
use tracing_subscriber::layer::SubscriberExt;

struct LogsOnDrop(&'static str);

impl Drop for LogsOnDrop {
    fn drop(&mut self) {
        tracing::info!(text = "\u{1b}", debug = ?Some(1), "from {}", self.0);
    }
}

thread_local! {
    static FIRST: RefCell<Option<LogsOnDrop>> = const { RefCell::new(None) };
    static LAST: RefCell<Option<LogsOnDrop>> = const { RefCell::new(None) };
}

#[test]
fn a_line_from_the_end_of_a_thread_is_written() {
    let resource = Resource::builder()
        .with_service_name("shop")
        .build()
        .unwrap();
    let (sink, lines) = JsonSink::memory();
    let (layer, guard) = LogBridge::builder(&resource)
        .with_json(sink)
        .build()
        .unwrap();
    let stack = tracing_subscriber::registry().with(layer);
    tracing::subscriber::set_global_default(stack).unwrap();

    let ended = thread::spawn(|| {
        // One thread-local is older than the context's and those of the bridge, one younger:
        // whichever way they are destroyed, one of the two logs when they are gone.
        FIRST.set(Some(LogsOnDrop("first")));
        let attached = Context::new().attach();
        tracing::info!("alive");
        drop(attached);
        let _span = tracing::info_span!("left").entered();
        LAST.set(Some(LogsOnDrop("last")));
    });
    ended.join().unwrap();
    // A thread that logs for the first time while it dies.
    thread::spawn(|| FIRST.set(Some(LogsOnDrop("never alive"))))
        .join()
        .unwrap();

    let report = guard.shutdown(Duration::from_secs(30));
    assert_eq!((report.written(), report.dropped()), (4, 0));
    let text = lines.text();
    for body in ["alive", "from first", "from last", "from never alive"] {
        assert!(
            text.contains(&format!(r#""body":"{body}""#)),
            "{body}: {text}"
        );
    }
}
