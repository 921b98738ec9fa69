//! The application's side of telemetry: it owns the SDK, the log sink and their shutdown.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use opentelemetry_otlp::SpanExporter;
use opentelemetry_sdk::trace::{BatchSpanProcessor, SdkTracerProvider, SpanData};
use otel_core::environment::Environment;
use otel_core::opentelemetry::trace::TracerProvider;
use otel_core::registry::Registry;
use otel_core::resource::Resource;
use otel_core::sdk::{SpanAccount, SpanReport, to_sdk_resource};
use otel_core::telemetry::Telemetry;
use otel_log_bridge::{JsonSink, LogBridge, LogGuard, ShutdownReport};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Where spans are sent, if anywhere.
const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
/// How long flushing may take at the end.
const FLUSH: Duration = Duration::from_secs(5);

/// Everything that has to be flushed before the process ends.
pub(crate) struct Observability {
    telemetry: Telemetry,
    provider: SdkTracerProvider,
    spans: SpanAccount,
    collector: Option<String>,
    logs: LogGuard,
}

impl Observability {
    /// Builds the pipeline of each signal on one resource and installs the `tracing` subscriber.
    pub(crate) fn start() -> Result<Self, Box<dyn Error>> {
        let environment = Environment::process();
        let resource = Resource::builder()
            .with_service_name("storefront")
            .with_attribute("service.version", env!("CARGO_PKG_VERSION"))
            .with_environment(&environment)
            .build()?;

        let spans = SpanAccount::new();
        let collector = environment.get(ENDPOINT).map(ToOwned::to_owned);
        let provider = SdkTracerProvider::builder().with_resource(to_sdk_resource(&resource));
        let provider = if collector.is_some() {
            // The exporter reads the endpoint and its options from the environment itself.
            let exporter = SpanExporter::builder().with_tonic().build()?;
            let batches = BatchSpanProcessor::builder(spans.exporter(exporter)).build();
            provider.with_span_processor(spans.processor(batches))
        } else {
            provider.with_span_processor(spans.processor(Nowhere))
        }
        .build();

        let registry = Registry::new();
        let span_layer = tracing_opentelemetry::layer()
            .with_tracer(provider.tracer("storefront"))
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false);
        // Spans go to the tracer, events to the bridge alone, and the spans libraries open below
        // INFO to nobody.
        let (layer, logs) = LogBridge::builder(&resource)
            .with_json(JsonSink::stdout())
            .with_span_level(LevelFilter::INFO)
            .with_registry(&registry)
            .build_with(span_layer)?;
        tracing_subscriber::registry().with(layer).init();
        logs.install_panic_hook();

        let telemetry = Telemetry::builder()
            .with_resource(resource)
            .with_registry(registry)
            .with_tracer_provider(provider.clone())
            .with_in_flight(10_000)
            .build()?;
        Ok(Self {
            telemetry,
            provider,
            spans,
            collector,
            logs,
        })
    }

    /// The handle the layers are given.
    pub(crate) const fn telemetry(&self) -> &Telemetry {
        &self.telemetry
    }

    /// Flushes both pipelines, spans first: their processors may still log. Blocks.
    pub(crate) fn finish(self) -> FinalReport {
        let flushed = self.provider.shutdown_with_timeout(FLUSH);
        if let Err(error) = flushed {
            tracing::warn!(error = %error, "spans were not all flushed");
        }
        FinalReport {
            spans: self.spans.report(),
            collector: self.collector,
            logs: self.logs.shutdown(FLUSH),
        }
    }
}

/// What was written, and what was lost.
pub(crate) struct FinalReport {
    spans: SpanReport,
    collector: Option<String>,
    logs: ShutdownReport,
}

impl fmt::Display for FinalReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let spans = self.spans;
        match &self.collector {
            Some(collector) => writeln!(
                f,
                "spans: {} ended, {} accepted by {collector}, {} lost ({} of them refused), {} unfinished",
                spans.ended(),
                spans.exported(),
                spans.lost(),
                spans.failed(),
                spans.unfinished(),
            )?,
            None => writeln!(
                f,
                "spans: {} ended, none sent: {ENDPOINT} is not set",
                spans.ended(),
            )?,
        }
        write!(
            f,
            "log lines: {} written, {} dropped, {} unwritten",
            self.logs.written(),
            self.logs.dropped(),
            self.logs.pending(),
        )
    }
}

/// Where spans go when there is no collector. They are still recorded: log lines, exemplars and
/// outgoing requests carry their ids.
#[derive(Debug)]
struct Nowhere;

impl opentelemetry_sdk::trace::SpanProcessor for Nowhere {
    fn on_start(
        &self,
        _span: &mut opentelemetry_sdk::trace::Span,
        _cx: &otel_core::opentelemetry::Context,
    ) {
    }

    fn on_end(&self, _span: SpanData) {}

    fn force_flush(&self) -> opentelemetry_sdk::error::OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _timeout: Duration) -> opentelemetry_sdk::error::OTelSdkResult {
        Ok(())
    }
}
