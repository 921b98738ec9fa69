//! Flush, shutdown and what comes after.

use std::io::{self, ErrorKind, Write};
use std::sync::mpsc;
use std::time::Duration;

use otel_log_bridge::{DropReason, JsonSink, LogBridge};
use tracing_subscriber::layer::SubscriberExt;

use crate::support::{PATIENCE, builder, shop, stack};

#[test]
fn after_the_shutdown_events_are_dropped_and_counted() {
    let (stack, guard, lines) = stack(builder());
    tracing::subscriber::with_default(stack, || {
        tracing::info!("before");
        let first = guard.shutdown(PATIENCE);
        assert!(first.is_finished());
        assert_eq!(
            (first.written(), first.dropped(), first.pending()),
            (1, 0, 0)
        );
        tracing::info!("after");
        assert_eq!(guard.flush(PATIENCE).pending(), 0);
        let second = guard.shutdown(PATIENCE);
        assert!(second.is_finished());
        assert_eq!(
            (second.written(), second.dropped(), second.pending()),
            (1, 1, 0)
        );
        assert_eq!(second.stats().dropped_for(DropReason::Closed), 1);
    });
    assert_eq!(lines.lines().len(), 1);
}

#[test]
fn dropping_the_guard_writes_what_is_queued() {
    let (stack, guard, lines) = stack(builder());
    tracing::subscriber::with_default(stack, || {
        tracing::info!("queued");
        drop(guard);
        tracing::info!("too late");
    });
    assert_eq!(lines.lines().len(), 1);
}

/// Says that it was asked to write, and blocks until it is released.
struct Stuck {
    entered: mpsc::Sender<()>,
    release: mpsc::Receiver<()>,
}

impl Write for Stuck {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _ = self.entered.send(());
        let _ = self.release.recv();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_stuck_writer_delays_nobody_past_the_timeout() {
    let (entered, is_stuck) = mpsc::channel();
    let (release, released) = mpsc::channel();
    let stuck = Stuck {
        entered,
        release: released,
    };
    let (layer, guard) = LogBridge::builder(&shop())
        .with_json(JsonSink::writer(stuck))
        .build()
        .unwrap();
    let stack = tracing_subscriber::registry().with(layer);
    tracing::subscriber::with_default(stack, || {
        tracing::info!("stuck");
        is_stuck.recv().unwrap();
        let report = guard.flush(Duration::from_millis(1));
        assert_eq!((report.written(), report.pending()), (0, 1));
        let report = guard.shutdown(Duration::from_millis(1));
        assert!(!report.is_finished());
        assert_eq!((report.written(), report.pending()), (0, 1));
        tracing::info!("refused");
    });
    drop(release);
    let report = guard.shutdown(PATIENCE);
    assert!(report.is_finished());
    assert_eq!(
        (report.written(), report.dropped(), report.pending()),
        (1, 1, 0)
    );
}

struct Broken;

impl Write for Broken {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Err(ErrorKind::BrokenPipe.into())
    }
}

#[test]
fn a_broken_writer_ends_the_shutdown_early_and_its_lines_are_counted() {
    let (layer, guard) = LogBridge::builder(&shop())
        .with_json(JsonSink::writer(Broken))
        .build()
        .unwrap();
    let stack = tracing_subscriber::registry().with(layer);
    tracing::subscriber::with_default(stack, || tracing::info!("lost"));
    let report = guard.shutdown(PATIENCE);
    assert!(report.is_finished());
    assert_eq!(
        (report.written(), report.dropped(), report.pending()),
        (0, 1, 0)
    );
    assert!(report.stats().write_errors() > 0);
}

struct Panics;

impl Write for Panics {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        panic!("on purpose");
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_writer_that_panics_closes_the_bridge_and_nothing_else() {
    let (layer, guard) = LogBridge::builder(&shop())
        .with_json(JsonSink::writer(Panics))
        .build()
        .unwrap();
    let stack = tracing_subscriber::registry().with(layer);
    tracing::subscriber::with_default(stack, || {
        tracing::info!("lost");
        let report = guard.flush(PATIENCE);
        assert_eq!((report.dropped(), report.pending()), (1, 0));
        tracing::info!("refused");
    });
    assert_eq!(guard.stats().dropped(), 2);
}

/// Logs about every write, on the writer thread.
struct Chatty(tracing::Dispatch);

impl Write for Chatty {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        tracing::dispatcher::with_default(&self.0, || tracing::error!("wrote"));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn what_a_writer_logs_about_writing_does_not_come_back_to_it() {
    let (send, receive) = mpsc::channel::<tracing::Dispatch>();
    let mut chatty = None;
    let (layer, guard) = LogBridge::builder(&shop())
        .with_json(JsonSink::writer(Late {
            receive,
            chatty: chatty.take(),
        }))
        .build()
        .unwrap();
    let dispatch = tracing::Dispatch::new(tracing_subscriber::registry().with(layer));
    send.send(dispatch.clone()).unwrap();
    tracing::dispatcher::with_default(&dispatch, || tracing::info!("once"));
    let report = guard.flush(PATIENCE);
    assert_eq!(
        (report.written(), report.dropped(), report.pending()),
        (1, 1, 0)
    );
    assert_eq!(report.stats().dropped_for(DropReason::Reentrant), 1);
}

/// A [`Chatty`] that learns its subscriber after it was given to it.
struct Late {
    receive: mpsc::Receiver<tracing::Dispatch>,
    chatty: Option<Chatty>,
}

impl Write for Late {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let receive = &self.receive;
        self.chatty
            .get_or_insert_with(|| Chatty(receive.recv().unwrap()))
            .write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
