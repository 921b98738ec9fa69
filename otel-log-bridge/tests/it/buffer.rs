//! The quiet lines of a request: there when it fails, and gone when it does not.

use otel_core::opentelemetry::Context;
use otel_core::opentelemetry::trace::{
    SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState,
};
use otel_log_bridge::{DropReason, LogStats, RequestBuffer};
use serde_json::Value;
use tracing::Level;

use crate::support::{PATIENCE, builder, parse, stack};

fn of_request(id: u128, log: impl FnOnce()) {
    let cx = Context::new().with_remote_span_context(SpanContext::new(
        TraceId::from(id),
        SpanId::from(7),
        TraceFlags::SAMPLED,
        true,
        TraceState::NONE,
    ));
    let _attached = cx.attach();
    log();
}

fn bodies(buffer: RequestBuffer, log: impl FnOnce()) -> (Vec<String>, LogStats) {
    let builder = builder().with_level("info").with_request_buffer(buffer);
    let (stack, guard, lines) = stack(builder);
    tracing::subscriber::with_default(stack, log);
    let report = guard.flush(PATIENCE);
    let lines = lines.lines();
    let bodies = lines
        .iter()
        .map(|line| parse(line)["body"].as_str().unwrap().to_owned());
    (bodies.collect(), report.stats().clone())
}

/// The log line of a server's exchange that ended well.
fn end_well() {
    tracing::event!(target: "exchange", Level::INFO, "exchange.outcome" = "ok", "{}", "end");
}

#[test]
fn a_failed_request_shows_all_and_a_good_one_nothing_of_its_quiet_lines() {
    let (bodies, stats) = bodies(RequestBuffer::new(Level::DEBUG), || {
        of_request(1, || tracing::debug!("quiet 1"));
        of_request(2, || tracing::debug!("quiet 2"));
        tracing::debug!("of no request");
        of_request(1, || tracing::trace!("too quiet"));
        of_request(1, || tracing::info!("loud 1"));
        of_request(2, end_well);
        of_request(1, || {
            tracing::debug!(n = 7, "quiet 1 again");
            tracing::error!("failed 1");
            tracing::debug!("after the failure");
        });
        of_request(3, || tracing::debug!("still running"));
    });
    assert_eq!(
        bodies,
        [
            "loud 1",
            "end",
            "quiet 1",
            "quiet 1 again",
            "failed 1",
            "after the failure"
        ]
    );
    assert_eq!(
        (stats.held(), stats.dropped_for(DropReason::NotNeeded)),
        (1, 1)
    );
    assert_eq!(stats.events(), 8);
}

#[test]
fn what_is_held_keeps_its_time_its_fields_and_its_level() {
    let builder = builder()
        .with_level("warn")
        .with_request_buffer(RequestBuffer::new(Level::DEBUG));
    let (stack, guard, lines) = stack(builder);
    tracing::subscriber::with_default(stack, || {
        of_request(1, || {
            let _span = tracing::info_span!("s", tenant = "north").entered();
            tracing::debug!(name: "cache.miss", key = "k \"1\"", password = "hunter2", "miss");
            tracing::error!("failed");
        });
    });
    guard.flush(PATIENCE);
    let line: Value = parse(&lines.lines()[0]);
    assert_eq!(line["severity_text"], "DEBUG");
    assert_eq!(line["event_name"], "cache.miss");
    assert_eq!(
        (&line["key"], &line["tenant"]),
        (&"k \"1\"".into(), &"north".into())
    );
    assert_eq!(line["password"], "[REDACTED]");
    assert_eq!(line["trace_id"], parse(&lines.lines()[1])["trace_id"]);
}

#[test]
fn memory_is_bounded_for_each_request_and_for_all() {
    let small = RequestBuffer::new(Level::DEBUG).with_bytes_per_request(4 * 1024);
    let (found, stats) = bodies(small, || {
        of_request(1, || {
            for n in 0..1_000 {
                tracing::debug!("quiet {n}");
            }
            tracing::error!("failed");
        });
    });
    // The last of them, in order.
    assert!(found.len() > 2 && found.len() < 200, "{}", found.len());
    assert_eq!(found.last().unwrap(), "failed");
    assert_eq!(found[found.len() - 2], "quiet 999");
    assert_eq!(stats.events(), 1_001);
    assert_eq!(stats.held(), 0);

    let few = RequestBuffer::new(Level::DEBUG).with_requests(16);
    let (found, stats) = bodies(few, || {
        for id in 1..=1_000 {
            of_request(id, || tracing::debug!("quiet"));
        }
        for id in 1..=1_000 {
            of_request(id, || tracing::error!("failed"));
        }
    });
    assert!(
        found.len() >= 1_000 && found.len() <= 1_016,
        "{}",
        found.len()
    );
    assert_eq!(stats.events(), 2_000);

    let total = RequestBuffer::new(Level::DEBUG).with_total_bytes(8 * 1024);
    let (_, stats) = bodies(total, || {
        for id in 1..=200 {
            of_request(id, || tracing::debug!("quiet"));
        }
    });
    assert!(stats.held() < 200);
    assert_eq!(stats.events(), 200);
}
