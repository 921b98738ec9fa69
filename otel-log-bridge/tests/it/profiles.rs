//! Lines as each reader wants them, byte for byte.

use std::error::Error;
use std::io;

use otel_core::opentelemetry::Context;
use otel_core::opentelemetry::trace::{
    SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState,
};
use otel_core::resource::Resource;
use otel_log_bridge::{JsonSink, LogBridge, Profile};
use tracing_subscriber::layer::SubscriberExt;

use crate::support::{PATIENCE, clock, parse};

fn written(profile: Profile) -> Vec<String> {
    let resource = Resource::builder()
        .with_service_name("shop")
        .with_attribute("deployment.environment.name", "staging")
        .build()
        .unwrap();
    let (sink, lines) = JsonSink::memory();
    let (layer, guard) = LogBridge::builder(&resource)
        .with_clock(clock())
        .with_json(sink.with_profile(profile))
        .build()
        .unwrap();
    let stack = tracing_subscriber::registry().with(layer);
    tracing::subscriber::with_default(stack, || {
        let cx = Context::new().with_remote_span_context(SpanContext::new(
            TraceId::from(0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c),
            SpanId::from(0x00f0_67aa_0ba9_02b7),
            TraceFlags::SAMPLED,
            true,
            TraceState::NONE,
        ));
        let attached = cx.attach();
        let error = io::Error::other("down");
        tracing::error!(
            name: "order.refused",
            target: "shop::orders",
            error = &error as &(dyn Error + 'static),
            http.route = "/orders/{id}",
            enduser.pseudo.id = "u 7",
            "refused"
        );
        drop(attached);
        tracing::info!(target: "t", "\u{1b}[31mplain");
    });
    guard.flush(PATIENCE);
    lines.lines()
}

#[test]
fn ecs() {
    let lines = written(Profile::ecs());
    assert_eq!(
        lines[0],
        concat!(
            r#"{"@timestamp":"2023-11-14T22:13:20.000000042Z","log.level":"error","message":"refused","#,
            r#""ecs.version":"8.11.0","trace.id":"0af7651916cd43dd8448eb211c80319c","span.id":"00f067aa0ba902b7","#,
            r#""event.action":"order.refused","log.logger":"shop::orders","#,
            r#""labels.error":"down","error.type":"std::io::error::Error","error.message":"down","#,
            r#""http.route":"/orders/{id}","enduser.pseudo.id":"u 7","service.name":"shop","service.environment":"staging"}"#
        )
    );
}

#[test]
fn loki() {
    let lines = written(Profile::loki());
    assert_eq!(
        lines[0],
        concat!(
            r#"{"ts":"2023-11-14T22:13:20.000000042Z","level":"error","msg":"refused","#,
            r#""trace_id":"0af7651916cd43dd8448eb211c80319c","span_id":"00f067aa0ba902b7","trace_flags":"01","#,
            r#""event_name":"order.refused","target":"shop::orders","#,
            r#""error":"down","exception_type":"std::io::error::Error","exception_message":"down","#,
            r#""http_route":"/orders/{id}","enduser_pseudo_id":"u 7","service_name":"shop","deployment_environment_name":"staging"}"#
        )
    );
    let resource = Resource::builder()
        .with_service_name("shop")
        .with_attribute("service.instance.id", "one of thousands")
        .build()
        .unwrap();
    let labels = Profile::loki_labels(&resource);
    assert_eq!(labels, [("service_name", "shop".to_owned())]);
}

#[test]
fn gcp() {
    let lines = written(Profile::gcp("my-project"));
    assert_eq!(
        lines[0],
        concat!(
            r#"{"time":"2023-11-14T22:13:20.000000042Z","severity":"ERROR","message":"refused","#,
            r#""logging.googleapis.com/trace":"projects/my-project/traces/0af7651916cd43dd8448eb211c80319c","#,
            r#""logging.googleapis.com/spanId":"00f067aa0ba902b7","logging.googleapis.com/trace_sampled":true,"#,
            r#""event_name":"order.refused","target":"shop::orders","#,
            r#""error":"down","exception.type":"std::io::error::Error","exception.message":"down","#,
            r#""http.route":"/orders/{id}","enduser.pseudo.id":"u 7","service.name":"shop","deployment.environment.name":"staging"}"#
        )
    );
}

#[test]
fn metadata() {
    let profile = Profile::metadata().with_name("enduser.pseudo.id", "subject_identifier");
    let lines = written(profile);
    assert_eq!(
        lines[0],
        concat!(
            r#"{"timestamp":"2023-11-14T22:13:20.000000042Z","logLevel":"ERROR","message":"refused","#,
            r#""traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"00f067aa0ba902b7","traceFlags":"01","#,
            r#""event_type":"order.refused","target":"shop::orders","#,
            r#""error":"down","exceptionType":"std::io::error::Error","exceptionMessage":"down","#,
            r#""httpRoute":"/orders/{id}","subject_identifier":"u 7","serviceName":"shop","deploymentEnvironmentName":"staging"}"#
        )
    );
}

#[test]
fn console() {
    let lines = written(Profile::console());
    assert_eq!(
        lines,
        [
            concat!(
                "2023-11-14T22:13:20.000Z ERROR ",
                "[shop,0af7651916cd43dd8448eb211c80319c,00f067aa0ba902b7] shop::orders: ",
                "order.refused refused error=down ",
                "exception.type=std::io::error::Error exception.message=down ",
                r#"http.route=/orders/{id} enduser.pseudo.id="u 7""#
            ),
            r"2023-11-14T22:13:20.000Z  INFO [shop,,] t: \u001b[31mplain",
        ]
    );
    let colored = written(Profile::console().with_color());
    assert!(
        colored[1].contains("\u{1b}[32m INFO\u{1b}[0m [shop,,]"),
        "{colored:?}"
    );
}

#[test]
fn names_that_meet_do_not_repeat() {
    let (sink, lines) = JsonSink::memory();
    let profile = Profile::ecs()
        .with_name("first", "same")
        .with_name("second", "same")
        .with_name("third", "@timestamp")
        .with_name("service.version", "service.name");
    let resource = Resource::builder()
        .with_service_name("shop")
        .with_attribute("service.version", "1")
        .build()
        .unwrap();
    let (layer, guard) = LogBridge::builder(&resource)
        .with_json(sink.with_profile(profile))
        .build()
        .unwrap();
    let stack = tracing_subscriber::registry().with(layer);
    tracing::subscriber::with_default(stack, || {
        tracing::info!(
            first = 1,
            second = 2,
            same = 3,
            third = 4,
            ecs.version = "x",
            "m"
        );
    });
    guard.flush(PATIENCE);
    let line = &lines.lines()[0];
    for key in ["same", "@timestamp", "ecs.version", "service.name"] {
        assert_eq!(
            line.matches(&format!("\"{key}\":")).count(),
            1,
            "{key}: {line}"
        );
    }
    let record = parse(line);
    assert_eq!(
        (&record["same"], &record["field.@timestamp"]),
        (&1.into(), &4.into())
    );
    assert_eq!(record["otel.dropped_attributes_count"], 2);
}

#[test]
fn each_sink_has_its_levels_and_its_profile() {
    use tracing::level_filters::LevelFilter;
    let (quiet, quiet_lines) = JsonSink::memory();
    let (loud, loud_lines) = JsonSink::memory();
    let (layer, guard) = crate::support::builder()
        .with_json(quiet.with_levels(LevelFilter::TRACE, LevelFilter::DEBUG))
        .add_sink(
            loud.with_levels(LevelFilter::INFO, LevelFilter::ERROR)
                .with_profile(Profile::loki()),
        )
        .build()
        .unwrap();
    let stack = tracing_subscriber::registry().with(layer);
    tracing::subscriber::with_default(stack, || {
        tracing::trace!("t");
        tracing::debug!("d");
        tracing::info!("i");
        tracing::warn!("w");
        tracing::error!("e");
    });
    let report = guard.shutdown(PATIENCE);
    assert_eq!(report.stats().events(), 5);
    let sinks: Vec<u64> = report
        .stats()
        .sinks()
        .iter()
        .map(|sink| sink.written())
        .collect();
    assert_eq!(sinks, [2, 3]);
    assert!(quiet_lines.text().contains(r#""body":"d""#));
    assert!(loud_lines.text().contains(r#""msg":"w""#));
}
