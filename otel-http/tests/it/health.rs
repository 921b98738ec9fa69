//! Liveness and readiness, as a probe sees them.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use otel_core::telemetry::Telemetry;
use otel_http::health::Health;

use crate::ask::{answer, samples};

const SECOND: Duration = Duration::from_secs(1);

fn probe(accept: &str) -> Request<Full<Bytes>> {
    let builder = Request::get("/readyz").header("accept", accept);
    builder.body(Full::default()).unwrap()
}

fn telemetry() -> Telemetry {
    Telemetry::builder().build().unwrap()
}

#[tokio::test(start_paused = true)]
async fn every_way_a_check_can_end() {
    let telemetry = telemetry();
    let health = Health::builder(&telemetry)
        .add_check("passes", SECOND, || async { Ok::<_, io::Error>(()) })
        .add_check("fails", SECOND, || async {
            Err(io::Error::other("password=hunter2"))
        })
        .add_check("hangs", SECOND, std::future::pending::<io::Result<()>>)
        .add_check("panics", SECOND, || async {
            assert_eq!(1, 2, "asked to panic");
            Ok::<_, io::Error>(())
        })
        .build()
        .unwrap();
    let (parts, body) = answer(health.readiness(), probe("*/*")).await;
    assert_eq!(parts.status.as_u16(), 503);
    assert_eq!(body, "fails: failed\nhangs: timeout\npanics: panicked\n");

    let (parts, body) = answer(health.readiness(), probe("application/json")).await;
    assert_eq!(parts.status.as_u16(), 503);
    assert_eq!(parts.headers["content-type"], "application/json");
    let json: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(json["status"], "failed");
    assert_eq!(json["checks"]["passes"]["status"], "ok");
    assert_eq!(json["checks"]["hangs"]["status"], "timeout");
    assert!(!body.contains("hunter2"), "errors are not for everybody");

    for (check, status) in [
        ("passes", 1.0),
        ("fails", 0.0),
        ("hangs", 0.0),
        ("panics", 0.0),
    ] {
        for family in ["healthz_check_status", "healthz_last_check_seconds"] {
            let found = samples(&telemetry, family);
            let sample = found
                .iter()
                .find(|sample| sample.labels["healthz_check"] == check);
            let value = sample.unwrap().sum;
            match family {
                "healthz_check_status" => assert!((value - status).abs() < 0.1, "{check}"),
                _ => assert!(value > 1.7e9, "{check}: {value}"),
            }
        }
    }
}

#[tokio::test]
async fn errors_are_shown_on_request_and_escaped() {
    let health = Health::builder(&telemetry())
        .add_check("db", SECOND, || async { Err::<(), _>("no \"db\"\n{}") })
        .danger_show_errors()
        .build()
        .unwrap();
    let (_, body) = answer(health.readiness(), probe("application/json")).await;
    let json: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(json["checks"]["db"]["error"], "no \"db\"\n{}");
    let (_, body) = answer(health.readiness(), probe("text/plain")).await;
    assert_eq!(body.lines().count(), 1, "{body:?}");
}

#[tokio::test]
async fn liveness_asks_nothing_and_draining_is_not_ready() {
    let passes = Arc::new(AtomicBool::new(false));
    let asked = Arc::clone(&passes);
    let health = Health::builder(&telemetry())
        .add_check("db", SECOND, move || {
            let passes = asked.load(Ordering::Relaxed);
            async move { passes.then_some(()).ok_or("down") }
        })
        .with_max_age(Duration::ZERO)
        .build()
        .unwrap();
    let status = |service| async {
        let (parts, body) = answer(service, probe("*/*")).await;
        (parts.status.as_u16(), body)
    };
    assert_eq!(status(health.liveness()).await, (200, "ok\n".to_owned()));
    assert_eq!(status(health.readiness()).await.0, 503);
    passes.store(true, Ordering::Relaxed);
    assert_eq!(status(health.readiness()).await, (200, "ok\n".to_owned()));
    health.drain();
    assert_eq!(
        status(health.readiness()).await,
        (503, "draining\n".to_owned())
    );
    assert_eq!(status(health.liveness()).await.0, 200);
}

#[tokio::test(start_paused = true)]
async fn many_probes_are_one_run() {
    let runs = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&runs);
    let health = Health::builder(&telemetry())
        .add_check("db", SECOND, move || {
            counted.fetch_add(1, Ordering::Relaxed);
            async {
                tokio::time::sleep(Duration::from_millis(100)).await;
                Ok::<_, io::Error>(())
            }
        })
        .with_max_age(Duration::from_secs(3600))
        .build()
        .unwrap();
    let probes: Vec<_> = (0..50)
        .map(|_| tokio::spawn(answer(health.readiness(), probe("*/*"))))
        .collect();
    for probe in probes {
        assert_eq!(probe.await.unwrap().0.status.as_u16(), 200);
    }
    assert_eq!(runs.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn only_get_and_head_are_answered() {
    let health = Health::builder(&telemetry()).build().unwrap();
    for (method, status, body) in [("GET", 200, "ok\n"), ("HEAD", 200, ""), ("POST", 405, "")] {
        let request = Request::builder()
            .method(method)
            .body(Full::<Bytes>::default());
        let (parts, found) = answer(health.readiness(), request.unwrap()).await;
        assert_eq!(
            (parts.status.as_u16(), found.as_str()),
            (status, body),
            "{method}"
        );
    }
}

#[test]
fn what_is_no_check_is_refused() {
    let with = |name, timeout| {
        Health::builder(&telemetry())
            .add_check("known", SECOND, || async { Ok::<_, io::Error>(()) })
            .add_check(name, timeout, || async { Ok::<_, io::Error>(()) })
            .build()
    };
    assert!(with("db", SECOND).is_ok());
    for (name, timeout) in [
        ("", SECOND),
        ("a\"b", SECOND),
        ("known", SECOND),
        ("db", Duration::ZERO),
    ] {
        assert!(with(name, timeout).is_err(), "{name:?}");
    }
}
