//! What the tests share: a registry whose scrape can be predicted, and the scrape as a string.

use std::time::{Duration, UNIX_EPOCH};

use otel_core::cardinality::Budget;
use otel_core::clock::ManualClock;
use otel_core::opentelemetry::Context;
use otel_core::opentelemetry::trace::{
    SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState,
};
use otel_core::registry::{Registry, RegistryBuilder};
use otel_core::resource::Resource;
use otel_metrics_guard::exposition::{Exposition, Format};

/// A builder whose clock stands at 2023-11-14T22:13:20.5Z.
pub(crate) fn registry() -> RegistryBuilder {
    let clock = ManualClock::new();
    clock.set_wall(UNIX_EPOCH + Duration::from_millis(1_700_000_000_500));
    Registry::builder().with_clock(clock)
}

/// A counter of so many series, some seventy bytes each.
pub(crate) fn many_series(series: usize) -> Registry {
    let budget = Budget::default()
        .with_process_series(2 * series + 1_000)
        .with_family_series(2 * series + 1_000)
        .with_label_values(2 * series + 1_000);
    let registry = registry().with_budget(budget).build().unwrap();
    let requests = registry.counter("http.server.requests");
    for n in 0..series {
        let route = format!("/v1/things/{n}");
        requests.add(&[("http.route", &route), ("http.request.method", "GET")], 1);
    }
    registry
}

pub(crate) fn resource() -> Resource {
    let builder = Resource::builder().with_service_name("shop");
    builder
        .with_attribute("service.version", "1.2")
        .build()
        .unwrap()
}

/// The context of a sampled span.
pub(crate) fn sampled() -> Context {
    with_flags(TraceFlags::SAMPLED)
}

pub(crate) fn with_flags(flags: TraceFlags) -> Context {
    Context::new().with_remote_span_context(SpanContext::new(
        TraceId::from(0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c),
        SpanId::from(0x00f0_67aa_0ba9_02b7),
        flags,
        true,
        TraceState::NONE,
    ))
}

/// A whole exposition. OpenMetrics is held against the linter, whatever was measured.
pub(crate) fn scrape(registry: &Registry, format: Format) -> String {
    let text = text(Exposition::new(registry.collect(), &resource(), format));
    if format == Format::OpenMetrics {
        assert_eq!(
            otel_metrics_guard::openmetrics::lint(&text).err(),
            None,
            "{text}"
        );
    }
    text
}

pub(crate) fn text(exposition: Exposition) -> String {
    let chunks: Vec<_> = exposition.collect();
    String::from_utf8(chunks.concat()).unwrap()
}

/// The samples of a family in OpenMetrics, each line without its end.
pub(crate) fn samples(registry: &Registry, name: &str) -> Vec<String> {
    let text = scrape(registry, Format::OpenMetrics);
    let samples = text.lines().filter(|line| line.starts_with(name));
    samples.map(str::to_owned).collect()
}
