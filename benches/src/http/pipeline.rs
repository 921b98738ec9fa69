//! Where spans go: the same pipelines for the suite and its peers.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use opentelemetry::Context;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::metrics::{ManualReader, SdkMeterProvider};
use opentelemetry_sdk::trace::{
    BatchSpanProcessor, SdkTracerProvider, Span, SpanData, SpanExporter, SpanProcessor,
};

use super::Job;

/// A tracer provider and the count of the spans that came out of it.
#[derive(Debug)]
pub(crate) struct Spans {
    provider: SdkTracerProvider,
    out: Out,
}

#[derive(Clone, Debug, Default)]
struct Out(Arc<AtomicU64>);

impl Spans {
    /// The pipeline of a job.
    pub(crate) fn of(job: Job) -> Self {
        let out = Out::default();
        let builder = SdkTracerProvider::builder();
        let builder = match job {
            Job::Batched => builder
                .with_span_processor(BatchSpanProcessor::builder(Counting(out.clone())).build()),
            _ => builder.with_span_processor(Dropping(out.clone())),
        };
        Self {
            provider: builder.build(),
            out,
        }
    }

    pub(crate) fn provider(&self) -> SdkTracerProvider {
        self.provider.clone()
    }

    /// Flushes; the spans that came out.
    pub(crate) fn finish(&self) -> u64 {
        let _ = self.provider.force_flush();
        self.out.0.load(Ordering::SeqCst)
    }
}

/// A meter provider that is there to be written to.
pub(crate) fn meters() -> SdkMeterProvider {
    SdkMeterProvider::builder()
        .with_reader(ManualReader::builder().build())
        .build()
}

/// Ends spans where they end: no queue, no other thread.
#[derive(Debug)]
struct Dropping(Out);

impl SpanProcessor for Dropping {
    fn on_start(&self, _span: &mut Span, _cx: &Context) {}

    fn on_end(&self, span: SpanData) {
        if span.span_context.is_sampled() {
            self.0.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _timeout: Duration) -> OTelSdkResult {
        Ok(())
    }
}

/// The exporter behind the stock batch processor: counts the spans and frees them.
#[derive(Debug)]
struct Counting(Out);

impl SpanExporter for Counting {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.0.0.fetch_add(batch.len() as u64, Ordering::Relaxed);
        Ok(())
    }
}
