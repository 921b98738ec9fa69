//! What a handler tells its exchange shows in every signal, or is refused.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::Extension;
use axum::routing::get as on_get;
use http::StatusCode;
use otel_core::exchange::{ExchangeEnd, ExchangeHandle, ExchangeObserver, Signals};
use otel_core::outcome::Outcome;
use otel_http::HttpServerLayer;
use otel_http::axum::MatchedRoute;
use testkit::{Probe, Verdicts};

use crate::ask::{ask, get};

type Tell = fn(&ExchangeHandle) -> StatusCode;

/// Runs a handler that tells something, at `/orders/{id}`.
async fn tell(tell: Tell) -> (Outcome, Verdicts) {
    let mut probe = Probe::new();
    let layer = HttpServerLayer::builder(probe.telemetry())
        .with_route(MatchedRoute)
        .with_handle()
        .build()
        .unwrap();
    let handler = move |Extension(handle): Extension<ExchangeHandle>| async move { tell(&handle) };
    let app = Router::new()
        .route("/orders/{id}", on_get(handler))
        .layer(layer);
    let request = get(&probe, "/orders/17");
    let (_, end, seen) = ask(&mut probe, app, request).await;
    (end.outcome, seen)
}

#[tokio::test]
async fn attributes_labels_and_facts_go_where_they_belong() {
    let (_, seen) = tell(|handle| {
        assert!(handle.span_context().is_valid());
        assert!(handle.set_attribute("shop.shelf", 7));
        assert!(
            handle.set_attribute("shop.shelf", 8),
            "the later value counts"
        );
        assert!(handle.set_label("tenant.tier", "gold"));
        assert!(handle.set_fact("order.id", "o-17"));
        StatusCode::OK
    })
    .await;
    let span = &seen.spans[0];
    assert_eq!(span.attributes["shop.shelf"], "8");
    assert_eq!(span.attributes["order.id"], "o-17");
    assert!(span.repeated.is_empty(), "{:?}", span.repeated);
    let labels = &seen.durations[0].labels;
    assert_eq!(labels["tenant_tier"], "gold");
    assert!(!labels.contains_key("order_id") && !labels.contains_key("shop_shelf"));
    assert_eq!(seen.log_lines[0]["exchange.facts"], "order.id=o-17");
}

#[tokio::test]
async fn names_of_the_suite_and_more_than_there_is_room_for_are_refused() {
    let (_, seen) = tell(|handle| {
        for name in ["http.route", "url.path", "error.type", "exchange.outcome"] {
            assert!(!handle.set_attribute(name, "x"), "{name}");
            assert!(!handle.set_fact(name, "x"), "{name}");
            assert!(!handle.set_label(name, "x"), "{name}");
        }
        let names = ["a", "b", "c", "d", "e"];
        let taken: Vec<_> = names.map(|name| handle.set_label(name, "x")).into();
        assert_eq!(taken, [true, true, true, true, false]);
        let many = (0..40).filter(|number| handle.set_fact(format!("fact{number}"), "x"));
        assert_eq!(many.count(), 32);
        StatusCode::OK
    })
    .await;
    assert!(seen.spans[0].repeated.is_empty());
    assert_eq!(seen.durations.len(), 1);
}

#[tokio::test]
async fn a_handler_knows_better_what_an_answer_means() {
    let table: [(&str, Tell, Outcome, Option<&str>); 5] = [
        (
            "an expected 404",
            |handle| {
                handle.expect_error();
                StatusCode::NOT_FOUND
            },
            Outcome::Ok,
            None,
        ),
        (
            "an expected 503",
            |handle| {
                handle.expect_error();
                StatusCode::SERVICE_UNAVAILABLE
            },
            Outcome::Ok,
            None,
        ),
        (
            "a failure behind a 200",
            |handle| {
                handle.set_error_type("query_failed");
                StatusCode::OK
            },
            Outcome::ServerError,
            Some("query_failed"),
        ),
        (
            "a name for a 500",
            |handle| {
                handle.set_error_type("no_database");
                StatusCode::INTERNAL_SERVER_ERROR
            },
            Outcome::ServerError,
            Some("no_database"),
        ),
        (
            "a name for a 400, which stays the caller's",
            |handle| {
                handle.set_error_type("bad_sku");
                StatusCode::BAD_REQUEST
            },
            Outcome::ClientError,
            Some("bad_sku"),
        ),
    ];
    for (what, note, outcome, error_type) in table {
        let (told, seen) = tell(note).await;
        assert_eq!(told, outcome, "{what}");
        let span = &seen.spans[0];
        assert_eq!(span.outcome, outcome.as_str(), "{what}");
        assert_eq!(span.error_type.as_deref(), error_type, "{what}");
        assert_eq!(span.is_error, outcome == Outcome::ServerError, "{what}");
        let labels = &seen.durations[0].labels;
        assert_eq!(labels["exchange_outcome"], outcome.as_str(), "{what}");
        assert_eq!(
            labels.get("error_type").map(String::as_str),
            error_type,
            "{what}"
        );
        assert_eq!(
            seen.log_lines[0]["exchange.outcome"],
            outcome.as_str(),
            "{what}"
        );
    }
}

#[tokio::test]
async fn a_panic_is_not_talked_away() {
    let mut probe = Probe::new();
    let layer = HttpServerLayer::builder(probe.telemetry())
        .with_handle()
        .build()
        .unwrap();
    let app = Router::new()
        .route(
            "/",
            on_get(|Extension(handle): Extension<ExchangeHandle>| async move {
                handle.expect_error();
                handle.set_error_type("nothing_to_see");
                if handle.trace_id().to_string().len() == 32 {
                    panic!("asked to panic");
                }
            }),
        )
        .layer(layer);
    let request = get(&probe, "/");
    let asked = tokio::spawn(async move { crate::ask::answer(app, request).await });
    assert!(asked.await.is_err());
    let end = probe.next_end().await.unwrap();
    assert_eq!(end.outcome, Outcome::Panic);
    assert_eq!(
        probe.verdicts(&end).spans[0].error_type.as_deref(),
        Some("panic")
    );
}

#[tokio::test]
async fn a_route_may_be_told_by_hand_and_nothing_after_the_end() {
    let mut probe = Probe::new();
    let kept: Arc<Mutex<Option<ExchangeHandle>>> = Arc::default();
    let layer = HttpServerLayer::builder(probe.telemetry())
        .with_handle()
        .build()
        .unwrap();
    let keep = Arc::clone(&kept);
    let app = Router::new()
        .fallback(
            move |Extension(handle): Extension<ExchangeHandle>| async move {
                assert!(handle.set_route("/files/{*path}"));
                assert!(!handle.set_route("/other"), "the first word counts");
                *keep.lock().unwrap() = Some(handle);
            },
        )
        .layer(layer);
    let request = get(&probe, "/files/a/b");
    let (_, end, seen) = ask(&mut probe, app, request).await;
    assert_eq!(end.name, "GET /files/{*path}");
    assert_eq!(seen.durations[0].labels["http_route"], "/files/{*path}");
    let handle = kept.lock().unwrap().take().unwrap();
    assert!(!handle.set_fact("late", 1));
    assert!(!handle.set_route("/late"));
}

#[tokio::test]
async fn observers_get_the_facts_even_where_nothing_is_recorded() {
    struct Facts(Arc<Mutex<Vec<String>>>);
    impl ExchangeObserver for Facts {
        fn on_end(&self, end: &ExchangeEnd<'_>) {
            let facts = end.facts().iter().map(|fact| fact.key.to_string());
            self.0.lock().unwrap().extend(facts);
        }
    }
    let mut probe = Probe::new();
    let facts: Arc<Mutex<Vec<String>>> = Arc::default();
    probe.telemetry().observe(Facts(Arc::clone(&facts)));
    let layer = HttpServerLayer::builder(probe.telemetry())
        .with_signals(Signals::METRICS)
        .with_handle()
        .build()
        .unwrap();
    let app = Router::new()
        .fallback(|Extension(handle): Extension<ExchangeHandle>| async move {
            handle.set_fact("order.id", 17);
        })
        .layer(layer);
    let request = get(&probe, "/");
    ask(&mut probe, app, request).await;
    assert_eq!(*facts.lock().unwrap(), ["order.id"]);
}
