//! What events have from the spans and contexts around them.

use opentelemetry_sdk::trace::SdkTracerProvider;
use otel_core::opentelemetry::baggage::BaggageExt;
use otel_core::opentelemetry::trace::{TraceContextExt, Tracer, TracerProvider};
use otel_core::opentelemetry::{Context, KeyValue};
use otel_log_bridge::{JsonSink, LogBridgeBuilder, SpanFields};
use serde_json::{Value, json};
use tracing::field::Empty;
use tracing_subscriber::layer::SubscriberExt;

use crate::support::{PATIENCE, builder, parse, stack};

fn records(builder: LogBridgeBuilder, log: impl FnOnce()) -> Vec<Value> {
    let (stack, guard, lines) = stack(builder);
    tracing::subscriber::with_default(stack, log);
    guard.flush(PATIENCE);
    lines.lines().iter().map(|line| parse(line)).collect()
}

#[test]
fn the_event_wins_then_the_innermost_span() {
    let records = records(builder(), || {
        let _outer = tracing::info_span!("outer", a = 1, b = 1, c = 1, outer = "o").entered();
        let _empty = tracing::info_span!("empty").entered();
        let _inner = tracing::info_span!("inner", b = 2, c = 2, inner = "i").entered();
        tracing::info!(c = 3, "x");
    });
    let found = &records[0];
    assert_eq!(
        (&found["a"], &found["b"], &found["c"]),
        (&json!(1), &json!(2), &json!(3))
    );
    assert_eq!(
        (&found["outer"], &found["inner"]),
        (&json!("o"), &json!("i"))
    );
}

#[test]
fn a_field_that_is_recorded_later_is_on_the_events_after_it() {
    let records = records(builder(), || {
        let outer = tracing::info_span!("outer", user = Empty, n = 1);
        let _entered = outer.enter();
        let inner = tracing::info_span!("inner", step = 1).entered();
        tracing::info!("before");
        outer.record("user", "u-7");
        outer.record("n", 2);
        tracing::info!("after");
        drop(inner);
        tracing::info!("outside of the inner");
        let _late = tracing::info_span!("late", step = 2).entered();
        outer.record("n", 3);
        tracing::info!("late");
    });
    let fields: Vec<_> = records
        .iter()
        .map(|r| (r.get("user"), &r["n"], r.get("step")))
        .collect();
    let user = json!("u-7");
    assert_eq!(fields[0], (None, &json!(1), Some(&json!(1))));
    assert_eq!(fields[1], (Some(&user), &json!(2), Some(&json!(1))));
    assert_eq!(fields[2], (Some(&user), &json!(2), None));
    assert_eq!(fields[3], (Some(&user), &json!(3), Some(&json!(2))));
}

#[test]
fn an_explicit_parent_lends_its_fields_and_no_parent_none() {
    let records = records(builder(), || {
        let other = tracing::info_span!("other", from = "other");
        let _entered = tracing::info_span!("entered", from = "entered").entered();
        tracing::info!(parent: &other, "a");
        tracing::info!(parent: None, "b");
        tracing::info!("c");
    });
    let from: Vec<_> = records.iter().map(|r| r.get("from")).collect();
    assert_eq!(from, [Some(&json!("other")), None, Some(&json!("entered"))]);
}

#[test]
fn a_level_does_not_hide_the_fields_of_quieter_spans() {
    let records = records(builder().with_level("error"), || {
        let _span = tracing::trace_span!("quiet", tenant = "north").entered();
        tracing::info!("not written");
        tracing::error!("written");
    });
    assert_eq!((records.len(), &records[0]["tenant"]), (1, &json!("north")));
}

#[test]
fn which_fields_are_lent_is_declared() {
    let log = || {
        let _span = tracing::info_span!("s", tenant = "north", user.id = 7, noise = 1).entered();
        tracing::info!("x");
    };
    let only = records(
        builder().with_span_fields(SpanFields::only(["tenant", "user.*"])),
        log,
    );
    let found = &only[0];
    assert_eq!(
        (&found["tenant"], &found["user.id"], found.get("noise")),
        (&json!("north"), &json!(7), None)
    );
    let none = records(builder().with_span_fields(SpanFields::none()), log);
    assert_eq!(none[0].get("tenant"), None);
}

#[test]
fn a_reserved_name_cannot_be_lent() {
    let records = records(builder(), || {
        let _span = tracing::info_span!("s", trace_id = "forged", message = "m").entered();
        tracing::info!("x");
    });
    let found = &records[0];
    assert_eq!(
        (found.get("trace_id"), &found["field.trace_id"]),
        (None, &json!("forged"))
    );
    assert_eq!(
        (&found["body"], &found["field.message"]),
        (&json!("x"), &json!("m"))
    );
}

#[test]
fn groups_are_nested() {
    let records = records(builder().add_group("component"), || {
        let _a = tracing::info_span!("a", component = "checkout", other = "x").entered();
        let _b = tracing::info_span!("b", other = "y").entered();
        let _c = tracing::info_span!("c", component = "payment").entered();
        tracing::info!("x");
        tracing::info!(component = "card", "y");
    });
    assert_eq!(records[0]["component"], "checkout/payment");
    assert_eq!(records[0]["other"], "y");
    assert_eq!(records[1]["component"], "checkout/payment/card");
}

#[test]
fn context_fields_are_those_that_are_declared() {
    let declared = builder()
        .add_baggage_field("tenant", "tenant.id")
        .add_context_field("depth", |cx| Some(cx.baggage().len().to_string()))
        .add_context_field("never", |_| None)
        .add_context_field("panics", |_| panic!("on purpose"));
    let records = records(declared, || {
        let entry = |key: &'static str, value: &'static str| KeyValue::new(key, value);
        let baggage = [entry("tenant.id", "north"), entry("admin", "true")];
        let cx = Context::new().with_baggage(baggage);
        let tracer = SdkTracerProvider::builder().build().tracer("test");
        let cx = cx.with_span(tracer.start("native"));
        let attached = cx.attach();
        tracing::info!("inside");
        tracing::info!(tenant = "own", "own");
        let span = tracing::info_span!("kept");
        span.in_scope(|| ());
        drop(attached);
        tracing::info!(parent: &span, "of the context it was entered in");
        tracing::info!("outside");
    });
    let tenants: Vec<_> = records.iter().map(|r| r.get("tenant")).collect();
    let north = json!("north");
    assert_eq!(
        tenants,
        [Some(&north), Some(&json!("own")), Some(&north), None]
    );
    assert_eq!(records[0]["depth"], "2");
    for record in &records {
        assert_eq!(
            (
                record.get("admin"),
                record.get("never"),
                record.get("panics")
            ),
            (None, None, None)
        );
    }
}

#[test]
fn lines_of_a_unit_of_work_without_a_trace_share_an_id() {
    let records = records(builder(), || {
        for _ in 0..2 {
            let root = tracing::info_span!("job");
            root.in_scope(|| {
                tracing::info!("a");
                tracing::info_span!("step").in_scope(|| tracing::info!("b"));
            });
            tracing::info!(parent: &root, "c");
        }
        tracing::info!("outside");
    });
    let ids: Vec<_> = records
        .iter()
        .map(|r| r.get("correlation_id").and_then(Value::as_str))
        .collect();
    assert!(ids[..3].iter().all(|id| *id == ids[0]) && ids[3..6].iter().all(|id| *id == ids[3]));
    assert_ne!(ids[0], ids[3]);
    let is_hex = |id: &str| id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit());
    assert!(ids[0].is_some_and(is_hex));
    assert_eq!(ids[6], None);
    assert!(
        records
            .iter()
            .all(|record| record.get("trace_id").is_none())
    );
}

#[test]
fn a_record_after_the_end_of_its_span_is_marked() {
    let tracer = SdkTracerProvider::builder().build().tracer("test");
    let records = records(builder(), || {
        let cx = Context::current_with_span(tracer.start("native"));
        let _attached = cx.clone().attach();
        tracing::info!("during");
        cx.span().end();
        tracing::info!("after");
    });
    assert_eq!(records[0].get("log.after_span_end"), None);
    assert_eq!(records[1]["log.after_span_end"], true);
}

#[test]
fn code_is_located_only_on_demand() {
    let plain = records(builder(), || tracing::info!("x"));
    assert!(plain[0].get("code.file.path").is_none());
    let located = records(builder().with_code_location(true), || tracing::info!("x"));
    let file = located[0]["code.file.path"].as_str().unwrap();
    assert!(file.ends_with("tests/it/spans.rs"), "{file}");
    assert!(located[0]["code.line.number"].as_u64().unwrap() > 100);
    assert_eq!(located[0]["code.function.name"], "it::spans");
}

/// A bridge in front of the layer it depends on finds out, says so once, and does what it can.
#[test]
fn a_misplaced_bridge_is_found_out() {
    let tracer = || SdkTracerProvider::builder().build().tracer("test");
    let (sink, lines) = JsonSink::memory();
    let (layer, guard) = builder().with_json(sink).build().unwrap();
    let stack = tracing_subscriber::registry()
        .with(layer)
        .with(tracing_opentelemetry::layer().with_tracer(tracer()));
    let expected = tracing::subscriber::with_default(stack, || {
        tracing::info_span!("first").in_scope(|| ());
        tracing::info_span!("second").in_scope(|| ());
        let span = tracing::info_span!("third");
        let inside = span.in_scope(|| Context::current().span().span_context().clone());
        tracing::info!(parent: &span, "of the third");
        inside
    });
    guard.flush(PATIENCE);
    assert!(guard.stats().is_misplaced());
    let records: Vec<Value> = lines.lines().iter().map(|line| parse(line)).collect();
    let told: Vec<_> = records
        .iter()
        .filter(|r| r["event_name"] == "log.bridge.misplaced")
        .collect();
    assert_eq!(told.len(), 1);
    let line = records
        .iter()
        .find(|r| r["body"] == "of the third")
        .unwrap();
    assert_eq!(line["span_id"], expected.span_id().to_string());

    // In order it says nothing, and by `build_with` there is no other order.
    let (sink, lines) = JsonSink::memory();
    let spans = tracing_opentelemetry::layer().with_tracer(tracer());
    let (layer, guard) = builder().with_json(sink).build_with(spans).unwrap();
    let stack = tracing_subscriber::registry().with(layer);
    tracing::subscriber::with_default(stack, || {
        let outer = tracing::info_span!("outer");
        let inner = outer.in_scope(|| {
            let inner = tracing::info_span!("inner");
            inner.in_scope(|| ());
            inner
        });
        tracing::info!(parent: &inner, "of the inner");
    });
    guard.flush(PATIENCE);
    assert!(!guard.stats().is_misplaced());
    assert_eq!(lines.lines().len(), 1);
    assert!(parse(&lines.lines()[0])["span_id"].is_string());
}
