//! Whole lines, byte for byte.

use std::time::Duration;

use otel_core::opentelemetry::Context;
use otel_core::opentelemetry::trace::{
    SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState,
};
use otel_core::resource::Resource;
use otel_log_bridge::LogBridge;

use crate::support::{PATIENCE, clock, lines_of, stack};

fn context(flags: TraceFlags) -> Context {
    Context::new().with_remote_span_context(SpanContext::new(
        TraceId::from(0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c),
        SpanId::from(0x00f0_67aa_0ba9_02b7),
        flags,
        true,
        TraceState::NONE,
    ))
}

#[test]
fn the_order_of_keys_is_fixed() {
    let resource = Resource::builder()
        .with_attribute("team", "not repeated")
        .with_attribute("deployment.environment.name", "staging")
        .with_attribute("service.instance.id", "i-1")
        .with_attribute("service.version", "1.2.3")
        .with_attribute("service.namespace", "sales")
        .with_service_name("shop")
        .build()
        .unwrap();
    let (stack, guard, lines) = stack(LogBridge::builder(&resource).with_clock(clock()));
    tracing::subscriber::with_default(stack, || {
        let _attached = context(TraceFlags::SAMPLED).attach();
        tracing::warn!(
            name: "order.refused",
            target: "shop::orders",
            order = 17_u64,
            total.net = 1.5,
            express = true,
            carrier = "ups",
            reason = ?Some("stock"),
            "refused {}",
            17
        );
    });
    guard.flush(PATIENCE);
    assert_eq!(
        lines.text(),
        concat!(
            r#"{"timestamp":"2023-11-14T22:13:20.000000042Z","severity_text":"WARN","#,
            r#""severity_number":13,"body":"refused 17","#,
            r#""trace_id":"0af7651916cd43dd8448eb211c80319c","#,
            r#""span_id":"00f067aa0ba902b7","trace_flags":"01","#,
            r#""event_name":"order.refused","target":"shop::orders","#,
            r#""order":17,"total.net":1.5,"express":true,"carrier":"ups","#,
            r#""reason":"Some(\"stock\")","#,
            r#""service.name":"shop","service.namespace":"sales","service.version":"1.2.3","#,
            r#""service.instance.id":"i-1","deployment.environment.name":"staging"}"#,
            "\n"
        )
    );
}

#[test]
fn what_an_event_lacks_is_left_out() {
    let line = |severity: &str, number: u8, rest: &str| {
        format!(
            r#"{{"timestamp":"2023-11-14T22:13:20.000000042Z","severity_text":"{severity}","severity_number":{number}{rest},"service.name":"shop"}}"#
        )
    };
    let lines = lines_of(|| {
        tracing::trace!(target: "t", "m");
        tracing::debug!(target: "t", a = 1);
        tracing::info!(target: "t", a = tracing::field::Empty, b = None::<u8>, "m");
        tracing::error!(target: "t", a = 1, message = "late");
    });
    assert_eq!(
        lines,
        [
            line("TRACE", 1, r#","body":"m","target":"t""#),
            line("DEBUG", 5, r#","target":"t","a":1"#),
            line("INFO", 9, r#","body":"m","target":"t""#),
            line("ERROR", 17, r#","body":"late","target":"t","a":1"#),
        ]
    );
}

#[test]
fn the_flags_of_an_unsampled_span_are_written_and_an_invalid_span_is_not() {
    let lines = lines_of(|| {
        let unsampled = context(TraceFlags::default()).attach();
        tracing::info!("a");
        drop(unsampled);
        let _invalid = Context::new()
            .with_remote_span_context(SpanContext::NONE)
            .attach();
        tracing::info!("b");
    });
    assert!(lines[0].contains(r#","span_id":"00f067aa0ba902b7","trace_flags":"00","#));
    assert!(!lines[1].contains("trace_id") && !lines[1].contains("span_id"));
    assert!(!lines[1].contains("trace_flags"));
}

#[test]
fn a_record_of_the_log_crate_keeps_its_own_target() {
    let lines = lines_of(|| {
        // The shape `tracing-log` gives to a `log::info!`.
        tracing::event!(
            name: "log event",
            target: "log",
            tracing::Level::INFO,
            message = "m",
            log.target = "hyper::client",
            log.module_path = "hyper::client::pool",
            log.file = "pool.rs",
            log.line = 7,
        );
    });
    assert!(
        lines[0].contains(r#","body":"m","target":"hyper::client","service.name":"#),
        "{lines:?}"
    );
}

#[test]
fn a_late_fact_of_the_resource_is_on_the_lines_after_it() {
    let resource = Resource::builder()
        .with_service_name("shop")
        .build()
        .unwrap();
    let (stack, guard, lines) = stack(LogBridge::builder(&resource));
    tracing::subscriber::with_default(stack, || {
        tracing::info!("before");
        resource.add_late("service.instance.id", "pod-\"7\"");
        tracing::info!("after");
    });
    guard.flush(Duration::from_secs(30));
    let lines = lines.lines();
    assert!(lines[0].ends_with(r#","service.name":"shop"}"#));
    assert!(lines[1].ends_with(r#","service.name":"shop","service.instance.id":"pod-\"7\""}"#));
}
