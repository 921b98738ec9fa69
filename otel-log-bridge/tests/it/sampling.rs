//! Which events are kept, and that what is left out is told.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use opentelemetry_sdk::trace::{Sampler, SamplingDecision, ShouldSample};
use otel_core::clock::{Clock, ManualClock};
use otel_core::opentelemetry::Context;
use otel_core::opentelemetry::trace::{
    SpanContext, SpanId, SpanKind, TraceContextExt, TraceFlags, TraceId, TraceState,
};
use otel_core::registry::Registry;
use otel_log_bridge::{
    CapturedLines, DropReason, JsonSink, LogBridge, LogGuard, Sampling, SamplingRule, Shedding,
};
use serde_json::{Value, json};
use tracing::{Dispatch, Level};
use tracing_subscriber::layer::SubscriberExt;

use crate::support::{PATIENCE, builder, parse, shop};

fn bridge(sampling: Sampling) -> (Dispatch, LogGuard, CapturedLines) {
    let (sink, lines) = JsonSink::memory();
    let builder = builder().with_json(sink).with_queue_bytes(64 << 20);
    let (layer, guard) = builder.with_sampling(sampling).build().unwrap();
    (
        Dispatch::new(tracing_subscriber::registry().with(layer)),
        guard,
        lines,
    )
}

fn kept(sampling: Sampling, log: impl FnOnce()) -> (Vec<Value>, u64) {
    let (dispatch, guard, lines) = bridge(sampling);
    tracing::dispatcher::with_default(&dispatch, log);
    let report = guard.flush(PATIENCE);
    let records: Vec<Value> = lines.lines().iter().map(|line| parse(line)).collect();
    let left_out = report.stats().dropped_for(DropReason::Sampled);
    assert_eq!(report.stats().events(), records.len() as u64 + left_out);
    (records, left_out)
}

fn in_trace(trace_id: u128, is_sampled: bool, log: impl FnOnce()) {
    let flags = if is_sampled {
        TraceFlags::SAMPLED
    } else {
        TraceFlags::default()
    };
    let cx = Context::new().with_remote_span_context(SpanContext::new(
        TraceId::from(trace_id),
        SpanId::from(7),
        flags,
        true,
        TraceState::NONE,
    ));
    let _attached = cx.attach();
    log();
}

#[test]
fn the_order_of_judgement() {
    let sampling = || {
        Sampling::builder()
            .with_level_share(Level::INFO, 0.0)
            .with_level_share(Level::DEBUG, 0.0)
            .add_rule(SamplingRule::share(0.0).with_field("job", "noise*"))
            .add_rule(SamplingRule::share(1.0).with_target("kept::*"))
            .add_rule(SamplingRule::share(0.0).with_message("heartbeat*"))
            .add_rule(SamplingRule::share(0.0).with_status(400..=499))
            .add_rule(SamplingRule::share(1.0).with_status(500..=599))
            .build()
            .unwrap()
    };
    let cases: [(&str, bool, &dyn Fn()); 13] = [
        ("by its level", false, &|| tracing::info!("x")),
        ("an error", true, &|| tracing::error!("x")),
        ("a warning, of which all are kept", true, &|| {
            tracing::warn!("x")
        }),
        ("audit", true, &|| {
            tracing::info!(audit = true, job = "noise", "x")
        }),
        ("no audit", false, &|| tracing::info!(audit = false, "x")),
        ("an error by a rule", false, &|| {
            tracing::error!(job = "noise-1", "x")
        }),
        (
            "a target",
            true,
            &|| tracing::debug!(target: "kept::here", "x"),
        ),
        (
            "a rule before another",
            false,
            &|| tracing::debug!(target: "kept::x", job = "noise", "x"),
        ),
        ("a message", false, &|| tracing::error!("heartbeat {}", 1)),
        ("a client's error", false, &|| {
            tracing::error!(http.response.status_code = 404, "x")
        }),
        ("a server's error", true, &|| {
            tracing::info!(http.response.status_code = 503_u16, "x")
        }),
        ("of a sampled trace", true, &|| {
            in_trace(1, true, || tracing::debug!("x"))
        }),
        ("of an unsampled trace", false, &|| {
            in_trace(1, false, || tracing::debug!("x"))
        }),
    ];
    for (what, is_kept, log) in cases {
        assert_eq!(
            kept(sampling(), log).0.len(),
            usize::from(is_kept),
            "{what}"
        );
    }
    // A field that a span lends counts as one of the event.
    let (records, _) = kept(sampling(), || {
        let _span = tracing::info_span!("s", job = "noise").entered();
        tracing::error!("x");
    });
    assert_eq!(records.len(), 0);
}

#[test]
fn shares_are_kept_within_three_deviations_and_say_how_likely_they_were() {
    const EVENTS: u64 = 20_000;
    let sampling = Sampling::builder()
        .add_rule(SamplingRule::share(0.1).with_field("job", "iot-sensor"))
        .add_rule(SamplingRule::share(1.0).with_field("job", "ota-agent"))
        .with_level_share(Level::DEBUG, 0.5)
        .build()
        .unwrap();
    let (records, _) = kept(sampling, || {
        for _ in 0..EVENTS {
            tracing::info!(job = "iot-sensor", "a");
            tracing::debug!("b");
        }
        for _ in 0..100 {
            tracing::info!(job = "ota-agent", "c");
        }
    });
    let count = |body: &str| records.iter().filter(|r| r["body"] == body).count() as f64;
    for (body, share) in [("a", 0.1), ("b", 0.5)] {
        let expected = EVENTS as f64 * share;
        let deviation = (expected * (1.0 - share)).sqrt();
        assert!(
            (count(body) - expected).abs() < 4.0 * deviation,
            "{body}: {}",
            count(body)
        );
        let one = records.iter().find(|r| r["body"] == body).unwrap();
        assert_eq!(one["log.sampling.probability"], share);
    }
    assert_eq!(count("c"), 100.0);
}

#[test]
fn logs_and_traces_are_sampled_alike() {
    let share = 0.25;
    let tracer = Sampler::TraceIdRatioBased(share);
    let sampling = Sampling::builder()
        .with_level_share(Level::INFO, share)
        .build()
        .unwrap();
    let ids: Vec<u128> = (0..2_000).map(|_| fastrand_id()).collect();
    let (records, _) = kept(sampling, || {
        for id in &ids {
            in_trace(*id, false, || tracing::info!("x"));
        }
    });
    let logged: Vec<&str> = records
        .iter()
        .map(|r| r["trace_id"].as_str().unwrap())
        .collect();
    let sampled: Vec<String> = ids
        .iter()
        .map(|id| TraceId::from(*id))
        .filter(|id| {
            let result = tracer.should_sample(None, *id, "x", &SpanKind::Internal, &[], &[]);
            result.decision == SamplingDecision::RecordAndSample
        })
        .map(|id| id.to_string())
        .collect();
    assert_eq!(logged, sampled);
    assert!(!sampled.is_empty() && sampled.len() < ids.len());
}

fn fastrand_id() -> u128 {
    use std::hash::{BuildHasher, RandomState};
    let half = || u128::from(RandomState::new().hash_one(()));
    half() << 64 | half()
}

#[test]
fn a_key_is_kept_or_left_out_as_a_whole() {
    let sampling = Sampling::builder()
        .with_key("tenant")
        .with_level_share(Level::INFO, 0.5)
        .build()
        .unwrap();
    let (records, _) = kept(sampling, || {
        for tenant in 0..200 {
            for _ in 0..3 {
                tracing::info!(tenant = format!("t{tenant}"), "x");
            }
        }
    });
    let mut counts = std::collections::BTreeMap::new();
    for record in &records {
        *counts.entry(record["tenant"].to_string()).or_insert(0) += 1;
    }
    assert!(counts.values().all(|count| *count == 3), "{counts:?}");
    assert!((60..140).contains(&counts.len()), "{}", counts.len());
}

#[test]
fn a_callsite_has_a_window_and_tells_what_was_left_out() {
    let clock = Arc::new(ManualClock::new());
    let (sink, lines) = JsonSink::memory();
    let sampling = Sampling::builder()
        .with_callsite_limit(3, Duration::from_secs(1), 10)
        .build()
        .unwrap();
    let (layer, guard) = LogBridge::builder(&shop())
        .with_clock(Shared(Arc::clone(&clock)))
        .with_json(sink)
        .with_sampling(sampling)
        .build()
        .unwrap();
    let storm = |n: u64| {
        for n in 0..n {
            tracing::info!(n, "storm");
        }
    };
    let stack = tracing_subscriber::registry().with(layer);
    tracing::subscriber::with_default(stack, || {
        storm(35);
        for _ in 0..20 {
            tracing::warn!("never limited");
        }
        clock.advance(Duration::from_secs(1));
        storm(2);
    });
    guard.flush(PATIENCE);
    let records: Vec<Value> = lines.lines().iter().map(|line| parse(line)).collect();
    let storm: Vec<_> = records
        .iter()
        .filter(|r| r["body"] == "storm")
        .map(|r| {
            (
                r["n"].as_u64().unwrap(),
                r.get("log.suppressed_count").and_then(Value::as_u64),
            )
        })
        .collect();
    assert_eq!(
        storm,
        [
            (0, None),
            (1, None),
            (2, None),
            (12, Some(9)),
            (22, Some(9)),
            (32, Some(9)),
            (0, Some(2)),
            (1, None)
        ]
    );
    assert_eq!(records.len() - storm.len(), 20);
    assert_eq!(guard.stats().dropped_for(DropReason::Sampled), 29);
}

#[derive(Debug)]
struct Shared(Arc<ManualClock>);

impl Clock for Shared {
    fn now(&self) -> std::time::Instant {
        self.0.now()
    }

    fn wall(&self) -> std::time::SystemTime {
        self.0.wall()
    }
}

#[test]
fn of_one_trace_only_so_many_are_kept_for_its_sake() {
    let sampling = Sampling::builder()
        .with_traces(true, 5)
        .with_level_share(Level::INFO, 0.0)
        .build()
        .unwrap();
    let (records, left_out) = kept(sampling, || {
        in_trace(1 << 100, true, || {
            (0..20).for_each(|n| tracing::info!(n, "x"))
        });
        in_trace(3 << 100, true, || tracing::info!("other"));
    });
    assert_eq!((records.len(), left_out), (6, 15));
}

#[test]
fn the_defaults_of_production_are_as_documented() {
    let (dispatch, guard, _lines) = bridge(Sampling::production());
    tracing::dispatcher::with_default(&dispatch, || {
        assert_eq!(guard.level_share(Level::DEBUG), 0.005);
        assert_eq!(guard.level_share(Level::TRACE), 0.0);
        assert_eq!(guard.level_share(Level::INFO), 1.0);
        // It moves within its bounds.
        assert_eq!(guard.set_level_share(Level::DEBUG, 0.5), 0.05);
        assert_eq!(guard.set_level_share(Level::DEBUG, 0.0), 0.001);
        assert_eq!(guard.set_level_share(Level::DEBUG, 0.02), 0.02);
    });
}

#[test]
fn under_load_less_is_kept_and_every_change_is_told() {
    let clock = Arc::new(ManualClock::new());
    let cpu = Arc::new(AtomicU64::new(0));
    let busy = Arc::clone(&cpu);
    let registry = Registry::new();
    let (sink, lines) = JsonSink::memory();
    let sampling = Sampling::builder()
        .with_level_range(Level::DEBUG, 0.001..=0.05)
        .with_level_share(Level::DEBUG, 0.005)
        .with_shedding(Shedding::default())
        .build()
        .unwrap();
    let (layer, guard) = LogBridge::builder(&shop())
        .with_level("debug")
        .with_upkeep(false)
        .with_clock(Shared(Arc::clone(&clock)))
        .with_cpu(move || Some(busy.load(Ordering::Relaxed) as f64 / 100.0))
        .with_queue_bytes(64 << 20)
        .with_json(sink)
        .with_registry(&registry)
        .with_sampling(sampling)
        .build()
        .unwrap();
    let dispatch = Dispatch::new(tracing_subscriber::registry().with(layer));
    let second = |events: u64| {
        tracing::dispatcher::with_default(&dispatch, || {
            (0..events).for_each(|n| tracing::info!(n, "x"));
        });
        clock.advance(Duration::from_secs(1));
        guard.adjust_sampling();
        guard.level_share(Level::DEBUG)
    };
    let close = |share: f64, expected: f64| assert!((share - expected).abs() < 1e-12, "{share}");
    close(second(6_000), 0.005);
    cpu.store(90, Ordering::Relaxed);
    close(second(100), 0.005);
    close(second(6_000), 0.0005);
    close(second(6_000), 0.0005);
    cpu.store(10, Ordering::Relaxed);
    close(second(6_000), 0.005);
    guard.set_level_share(Level::DEBUG, 0.01);
    guard.flush(PATIENCE);
    let told: Vec<(Value, Value)> = lines
        .lines()
        .iter()
        .map(|line| parse(line))
        .filter(|record| record["event_name"] == "log.sampling.changed")
        .filter(|record| record["log.sampling.level"] == "DEBUG")
        .map(|record| {
            (
                record["log.sampling.share"].clone(),
                record["log.sampling.cause"].clone(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (json!(0.0005), json!("busy")),
            (json!(0.005), json!("calm")),
            (json!(0.01), json!("asked")),
        ]
    );
    let debug = exposed(&registry, "log_bridge_sampling_ratio", "debug");
    assert_eq!(debug, Some(0.01));
}

/// The value of a gauge with a label of this value.
fn exposed(registry: &Registry, family: &str, value: &str) -> Option<f64> {
    let snapshot = registry.collect();
    let mut series = snapshot.family(family)?.series();
    let found = series.find(|series| series.label_pairs().any(|(_, label)| label == value));
    found?.value().as_gauge()
}

#[test]
fn sampling_changes_while_running() {
    let (dispatch, guard, lines) = bridge(
        Sampling::builder()
            .with_level_share(Level::INFO, 0.0)
            .build()
            .unwrap(),
    );
    tracing::dispatcher::with_default(&dispatch, || {
        let log = || tracing::info!("x");
        log();
        log();
        guard.set_sampling(Some(Sampling::builder().build().unwrap()));
        log();
        guard.set_sampling(None);
        log();
    });
    guard.flush(PATIENCE);
    let suppressed: Vec<Option<u64>> = lines
        .lines()
        .iter()
        .map(|line| {
            parse(line)
                .get("log.suppressed_count")
                .and_then(Value::as_u64)
        })
        .collect();
    assert_eq!(suppressed, [Some(2), None]);
}

#[test]
fn bad_shares_are_refused() {
    let refused = [
        Sampling::builder()
            .with_level_share(Level::INFO, 1.5)
            .build(),
        Sampling::builder()
            .with_level_share(Level::INFO, f64::NAN)
            .build(),
        Sampling::builder()
            .with_level_range(Level::INFO, 0.5..=0.1)
            .build(),
        Sampling::builder()
            .add_rule(SamplingRule::share(-0.1))
            .build(),
        Sampling::builder()
            .with_callsite_limit(1, Duration::ZERO, 1)
            .build(),
    ];
    assert!(refused.iter().all(Result::is_err));
}

#[test]
fn levels_change_while_running() {
    // A callsite is asked again only of subscribers that are known to `tracing`.
    let (dispatch, guard, lines) = bridge(Sampling::builder().build().unwrap());
    tracing::dispatcher::with_default(&dispatch, || {
        let log = |n: u64| tracing::debug!(n, "x");
        log(1);
        guard.set_level("info").unwrap();
        log(2);
        assert!(guard.set_level("a=b=c").is_err());
        log(3);
        guard.set_level("info,it=debug").unwrap();
        log(4);
    });
    guard.flush(PATIENCE);
    let kept: Vec<Value> = lines
        .lines()
        .iter()
        .map(|line| parse(line)["n"].clone())
        .collect();
    assert_eq!(kept, [1, 4]);
}
