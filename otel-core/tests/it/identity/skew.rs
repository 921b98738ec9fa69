//! Clocks that are set, wrong, or made to lie.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use otel_core::clock::{Clock, ManualClock};
use otel_core::identity::{FourTimestamps, PeerClock, SkewMonitor};
use otel_core::telemetry::Telemetry;
use proptest::prelude::*;
use tracing::subscriber::with_default;
use tracing_subscriber::layer::SubscriberExt;

use super::audit::Audit;

#[derive(Debug)]
struct Shared(Arc<ManualClock>);

impl Clock for Shared {
    fn now(&self) -> Instant {
        self.0.now()
    }

    fn wall(&self) -> SystemTime {
        self.0.wall()
    }
}

fn monitor() -> (SkewMonitor, Arc<ManualClock>, Telemetry) {
    let clock = Arc::new(ManualClock::new());
    let telemetry = Telemetry::builder()
        .with_clock(Shared(Arc::clone(&clock)))
        .build()
        .unwrap();
    (SkewMonitor::new(&telemetry), clock, telemetry)
}

fn alerts(telemetry: &Telemetry, kind: &str) -> u64 {
    let snapshot = telemetry.registry().collect();
    let family = snapshot.family("clock_skew_alerts").unwrap();
    let wanted = format!("clock_skew_kind=\"{kind}\"");
    let series = family.series().find(|series| series.labels() == wanted);
    series.unwrap().value().as_counter().unwrap()
}

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_step_of_the_wall_clock_is_told_once() {
    let (monitor, clock, telemetry) = monitor();
    let audit = Audit::default();
    with_default(tracing_subscriber::registry().with(audit.clone()), || {
        clock.advance(3600 * SECOND);
        assert_eq!(monitor.check_drift().as_nanos(), 0);
        clock.set_wall(clock.wall() + 4 * SECOND);
        assert_eq!(monitor.check_drift().as_secs_f64(), 4.0);
        assert_eq!(alerts(&telemetry, "drift"), 0);
        clock.set_wall(clock.wall() + 2 * SECOND);
        for _ in 0..3 {
            assert_eq!(monitor.check_drift().as_secs_f64(), 6.0);
        }
        assert_eq!(alerts(&telemetry, "drift"), 1);
        // Set back to the truth, which is a step too.
        clock.set_wall(clock.wall() - 6 * SECOND);
        assert_eq!(monitor.check_drift().as_nanos(), 0);
        assert_eq!(alerts(&telemetry, "drift"), 2);
    });
    let records = audit.records();
    let steps: Vec<_> = records
        .iter()
        .map(|record| &*record["clock.skew_ms"])
        .collect();
    assert_eq!(steps, ["6000.0", "-6000.0"]);
}

#[test]
fn a_clock_from_before_the_epoch_is_measured_like_any_other() {
    let (monitor, clock, telemetry) = monitor();
    clock.set_wall(UNIX_EPOCH - 10 * SECOND);
    assert!(monitor.check_drift().as_secs_f64() < -1e9);
    assert_eq!(alerts(&telemetry, "drift"), 1);
}

#[test]
fn the_shortest_exchange_tells_most_of_a_peer() {
    let (monitor, _, telemetry) = monitor();
    let at = |ms: u64| UNIX_EPOCH + Duration::from_millis(ms);
    let mut peer = PeerClock::default();
    // The peer is 100 ms ahead; the way back is slow.
    let slow = FourTimestamps {
        sent: at(0),
        peer_received: at(110),
        peer_sent: at(120),
        received: at(220),
    };
    let (skew, error) = slow.offset();
    assert_eq!(
        (skew.as_nanos(), error),
        (5_000_000, Duration::from_millis(105))
    );
    let _ = monitor.check_peer(&mut peer, &slow);
    let fast = FourTimestamps {
        sent: at(500),
        peer_received: at(601),
        peer_sent: at(602),
        received: at(503),
    };
    assert_eq!(monitor.check_peer(&mut peer, &fast).as_nanos(), 100_000_000);
    // A worse one later changes nothing.
    assert_eq!(monitor.check_peer(&mut peer, &slow).as_nanos(), 100_000_000);
    assert_eq!(peer.offset().unwrap().1, Duration::from_millis(1));
    assert_eq!(alerts(&telemetry, "peer"), 0);
    // Beyond the limit, and beyond it by more than the error.
    for (ahead, alerted) in [(5_003, 0), (5_005, 1)] {
        let off = FourTimestamps {
            sent: at(0),
            peer_received: at(ahead),
            peer_sent: at(ahead),
            received: at(4),
        };
        let _ = monitor.check_peer(&mut PeerClock::default(), &off);
        assert_eq!(alerts(&telemetry, "peer"), alerted, "{ahead}");
    }
}

#[test]
fn children_do_not_begin_before_their_parents() {
    let (monitor, clock, telemetry) = monitor();
    let parent = clock.wall();
    let _ = monitor.check_causality(parent, parent + SECOND);
    let _ = monitor.check_causality(parent, parent - SECOND);
    assert_eq!(alerts(&telemetry, "causality"), 0);
    assert_eq!(
        monitor
            .check_causality(parent, parent - 6 * SECOND)
            .as_secs_f64(),
        -6.0
    );
    assert_eq!(alerts(&telemetry, "causality"), 1);
}

#[test]
fn assertions_are_neither_in_the_future_nor_out_of_order() {
    let (monitor, clock, telemetry) = monitor();
    let now = clock.wall();
    let mut latest = None;
    assert_eq!(monitor.check_assertion(now, &mut latest), Ok(()));
    assert_eq!(
        monitor.check_assertion(now + 4 * SECOND, &mut latest),
        Ok(())
    );
    assert_eq!(
        (alerts(&telemetry, "ahead"), alerts(&telemetry, "backwards")),
        (0, 0)
    );
    assert_eq!(
        monitor.check_assertion(now + 3 * SECOND, &mut latest),
        Ok(())
    );
    assert_eq!(alerts(&telemetry, "backwards"), 1);
    assert_eq!(
        monitor.check_assertion(now + 300 * SECOND, &mut latest),
        Ok(())
    );
    assert_eq!(alerts(&telemetry, "ahead"), 1);
    let refused = monitor
        .check_assertion(now + 301 * SECOND, &mut latest)
        .unwrap_err();
    assert_eq!(refused.as_secs_f64(), 301.0);
    assert_eq!(latest, Some(now + 300 * SECOND));
}

#[test]
fn limits_that_contradict_each_other_are_refused() {
    let (_, _, telemetry) = monitor();
    let builder = SkewMonitor::builder(&telemetry)
        .with_alert(10 * SECOND)
        .with_reject(SECOND);
    assert_eq!(builder.build().unwrap_err().setting(), "with_reject");
}

proptest! {
    /// Whatever the ways there and back take, the estimate is off by no more than it says.
    #[test]
    fn the_error_of_an_estimate_bounds_it(
        offset in -1_000_000_i64..1_000_000,
        out in 0_u64..1_000_000,
        work in 0_u64..1_000_000,
        back in 0_u64..1_000_000,
    ) {
        let base = UNIX_EPOCH + Duration::from_secs(1_000_000);
        let micros = Duration::from_micros;
        let by_peer = |at: SystemTime| match u64::try_from(offset) {
            Ok(ahead) => at + micros(ahead),
            Err(_) => at - micros(offset.unsigned_abs()),
        };
        let times = FourTimestamps {
            sent: base,
            peer_received: by_peer(base + micros(out)),
            peer_sent: by_peer(base + micros(out + work)),
            received: base + micros(out + work + back),
        };
        let (skew, error) = times.offset();
        let off = (skew.as_nanos() - i128::from(offset) * 1000).unsigned_abs();
        prop_assert!(off <= error.as_nanos() + 1, "{off} {error:?}");
    }
}
