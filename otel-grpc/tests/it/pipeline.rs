//! A pipeline of spans and metrics of its own, with links and events to look at.

use std::collections::BTreeMap;
use std::time::Duration;

use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use otel_core::exchange::{ExchangeEnd, ExchangeObserver};
use otel_core::outcome::Outcome;
use otel_core::telemetry::{Telemetry, TelemetryBuilder};
use otel_grpc::{GrpcCall, Traffic};
use tokio::sync::mpsc;

pub(crate) struct Pipeline {
    pub(crate) telemetry: Telemetry,
    spans: InMemorySpanExporter,
    ends: mpsc::UnboundedReceiver<Ended>,
}

/// What an observer is told, as far as these tests look.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) outcome: Outcome,
    pub(crate) traffic: Option<(Traffic, Traffic)>,
}

struct Tell(mpsc::UnboundedSender<Ended>);

impl ExchangeObserver for Tell {
    fn on_end(&self, end: &ExchangeEnd<'_>) {
        let _ = self.0.send(Ended {
            outcome: end.outcome(),
            traffic: GrpcCall::traffic_of(end),
        });
    }
}

impl Pipeline {
    pub(crate) fn new() -> Self {
        Self::with(|builder| builder)
    }

    pub(crate) fn with(configure: impl FnOnce(TelemetryBuilder) -> TelemetryBuilder) -> Self {
        let spans = InMemorySpanExporter::default();
        let provider = SdkTracerProvider::builder()
            .with_simple_exporter(spans.clone())
            .build();
        let builder = Telemetry::builder().with_tracer_provider(provider);
        let telemetry = configure(builder).build().unwrap();
        let (tell, ends) = mpsc::unbounded_channel();
        telemetry.observe(Tell(tell));
        Self {
            telemetry,
            spans,
            ends,
        }
    }

    /// Waits for the next end. By then everything else of it has been written.
    pub(crate) async fn ended(&mut self) -> Ended {
        let next = tokio::time::timeout(Duration::from_secs(10), self.ends.recv());
        next.await.expect("an end in time").expect("an end")
    }

    /// Ends told and not yet taken.
    pub(crate) fn further_ends(&mut self) -> usize {
        std::iter::from_fn(|| self.ends.try_recv().ok()).count()
    }

    /// The finished spans, in the order they ended.
    pub(crate) fn spans(&self) -> Vec<SpanData> {
        self.spans.get_finished_spans().unwrap()
    }

    /// The one finished span.
    pub(crate) fn span(&self) -> SpanData {
        let spans = self.spans();
        assert_eq!(spans.len(), 1, "{spans:?}");
        spans[0].clone()
    }

    /// What the series of a family count, by their labels; of a histogram, how many values.
    pub(crate) fn counts(&self, exposed: &str) -> BTreeMap<String, u64> {
        let snapshot = self.telemetry.registry().collect();
        let Some(family) = snapshot.family(exposed) else {
            return BTreeMap::new();
        };
        let count = |value: otel_core::registry::Value<'_>| {
            value
                .as_histogram()
                .map(|histogram| histogram.count())
                .or_else(|| value.as_counter())
                .unwrap_or_default()
        };
        family
            .series()
            .map(|series| (series.labels().to_owned(), count(series.value())))
            .collect()
    }
}

/// The attributes of a span or an event, as text. Each must have been written once.
pub(crate) fn attributes(list: &[otel_core::opentelemetry::KeyValue]) -> BTreeMap<String, String> {
    let mut attributes = BTreeMap::new();
    for attribute in list {
        let name = attribute.key.as_str().to_owned();
        let before = attributes.insert(name, attribute.value.as_str().into_owned());
        assert_eq!(before, None, "written twice: {}", attribute.key);
    }
    attributes
}
