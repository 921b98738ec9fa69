//! A writer that is slow, partial or failing loses nothing that is not counted.

use std::io::{self, ErrorKind, Write};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

use otel_log_bridge::{CapturedLines, DropReason, JsonSink, LogBridge, LogGuard};
use tracing::Dispatch;
use tracing_subscriber::layer::SubscriberExt;

use crate::support::{PATIENCE, parse, shop};

fn dispatch(out: impl Write + Send + 'static) -> (Dispatch, LogGuard) {
    let (layer, guard) = LogBridge::builder(&shop())
        .with_level("trace")
        .with_queue_bytes(256 * 1024)
        .with_json(JsonSink::writer(out))
        .build()
        .unwrap();
    let stack = tracing_subscriber::registry().with(layer);
    (Dispatch::new(stack), guard)
}

/// Takes a few bytes at a time and refuses between them in every way a descriptor may.
struct Grudging {
    out: CapturedLines,
    turn: usize,
}

impl Write for Grudging {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.turn += 1;
        match self.turn % 7 {
            1 => Err(ErrorKind::Interrupted.into()),
            2 => Err(ErrorKind::WouldBlock.into()),
            3 => Err(ErrorKind::StorageFull.into()),
            4 => Ok(0),
            _ => self.out.write(&bytes[..bytes.len().min(self.turn * 37)]),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.turn += 1;
        match self.turn % 3 {
            1 => Err(ErrorKind::WouldBlock.into()),
            _ => Ok(()),
        }
    }
}

#[test]
fn short_writes_and_refusals_leave_every_line_whole() {
    let out = CapturedLines::default();
    let (dispatch, guard) = dispatch(Grudging {
        out: out.clone(),
        turn: 0,
    });
    tracing::dispatcher::with_default(&dispatch, || {
        for n in 0..50 {
            tracing::info!(n, "line");
        }
    });
    let report = guard.flush(PATIENCE);
    assert_eq!(
        (report.written(), report.dropped(), report.pending()),
        (50, 0, 0)
    );
    assert!(report.stats().write_errors() > 0);
    for (n, line) in out.lines().iter().enumerate() {
        assert_eq!(parse(line)["n"], n);
    }
}

/// Writes nothing until the gate is opened.
#[derive(Clone, Default)]
struct Gated {
    out: CapturedLines,
    gate: Arc<(Mutex<bool>, Condvar)>,
}

impl Gated {
    fn open(&self) {
        *self.gate.0.lock().unwrap() = true;
        self.gate.1.notify_all();
    }
}

impl Write for Gated {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let open = self.gate.0.lock().unwrap();
        drop(self.gate.1.wait_while(open, |open| !*open).unwrap());
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn told(out: &CapturedLines, key: &str) -> u64 {
    out.lines()
        .iter()
        .map(|line| parse(line))
        .filter(|record| record["event_name"] == "log.dropped")
        .map(|record| record[key].as_u64().unwrap_or_default())
        .sum()
}

#[test]
fn what_overflowed_is_told_in_the_log_itself() {
    let gated = Gated::default();
    let (dispatch, guard) = dispatch(gated.clone());
    let filler = "x".repeat(1_000);
    tracing::dispatcher::with_default(&dispatch, || {
        for _ in 0..1_000 {
            tracing::info!(filler, "chatter");
        }
        // The quarter kept for it still has room.
        tracing::warn!("heard");
        for _ in 0..1_000 {
            tracing::error!(filler, "trouble");
        }
    });
    let blocked = guard.stats();
    assert_eq!(blocked.written(), 0);
    assert!(blocked.dropped_for(DropReason::QueueFull) > 0);
    assert!(blocked.pending_bytes() <= 256 * 1024);

    gated.open();
    let report = guard.flush(PATIENCE);
    assert_eq!(report.pending(), 0);
    assert_eq!(report.written() + report.dropped(), 2_001);
    assert_eq!(report.stats().events(), 2_001);

    let bodies: Vec<_> = gated
        .out
        .lines()
        .iter()
        .map(|l| parse(l)["body"].clone())
        .collect();
    let count = |body: &str| bodies.iter().filter(|found| *found == body).count() as u64;
    assert_eq!(count("heard"), 1);
    assert!(count("trouble") > 0);
    assert_eq!(told(&gated.out, "log.dropped.count"), report.dropped());
    assert_eq!(
        told(&gated.out, "log.dropped.info"),
        1_000 - count("chatter")
    );
    assert_eq!(
        told(&gated.out, "log.dropped.error"),
        1_000 - count("trouble")
    );
    assert_eq!(told(&gated.out, "log.dropped.warn"), 0);

    // It is told once.
    tracing::dispatcher::with_default(&dispatch, || tracing::info!("later"));
    let report = guard.flush(PATIENCE);
    assert_eq!(told(&gated.out, "log.dropped.count"), report.dropped());
    assert_eq!(parse(gated.out.lines().last().unwrap())["body"], "later");
}

#[test]
fn eight_threads_lose_nothing_that_is_not_counted() {
    const THREADS: u64 = 8;
    const EVENTS: u64 = 5_000;
    let out = CapturedLines::default();
    let (dispatch, guard) = dispatch(out.clone());
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let dispatch = dispatch.clone();
            scope.spawn(move || {
                tracing::dispatcher::with_default(&dispatch, || {
                    for n in 0..EVENTS {
                        tracing::info!(thread, n, "line");
                    }
                });
            });
        }
    });
    let report = guard.shutdown(PATIENCE);
    assert!(report.is_finished());
    assert_eq!(report.pending(), 0);
    assert_eq!(report.written() + report.dropped(), THREADS * EVENTS);
    assert_eq!(told(&out, "log.dropped.count"), report.dropped());

    // Every line is whole, and of each thread they are in order.
    let mut last = [None; THREADS as usize];
    let mut written = 0;
    for line in out.lines() {
        let record = parse(&line);
        if record["body"] == "line" {
            let thread = record["thread"].as_u64().unwrap() as usize;
            let n = record["n"].as_u64();
            assert!(last[thread] < n);
            last[thread] = n;
            written += 1;
        }
    }
    assert_eq!(written, report.written());
}
