//! An exact account of spans: how many started, ended, left the process, or were lost.
//!
//! The SDK's batch processor drops spans when its queue is full and says so in a log line at most.
//! Counting on both sides of it, where spans go in and where they are sent, makes the difference a
//! number.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use opentelemetry::Context;
use opentelemetry::trace::Span as _;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{Span, SpanData, SpanExporter, SpanProcessor};

/// Counts the spans of one pipeline. Clones share the counts.
///
/// ```
/// use opentelemetry_sdk::trace::{BatchSpanProcessor, InMemorySpanExporter, SdkTracerProvider};
/// use otel_core::sdk::SpanAccount;
///
/// let account = SpanAccount::new();
/// let exporter = account.exporter(InMemorySpanExporter::default());
/// let provider = SdkTracerProvider::builder()
///     .with_span_processor(account.processor(BatchSpanProcessor::builder(exporter).build()))
///     .build();
/// # drop(provider);
/// assert_eq!(account.report().lost(), 0);
/// ```
#[derive(Clone, Debug, Default)]
pub struct SpanAccount {
    counts: Arc<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    started: AtomicU64,
    ended: AtomicU64,
    exported: AtomicU64,
    failed: AtomicU64,
}

/// The state of a [`SpanAccount`] at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpanReport {
    unfinished: u64,
    ended: u64,
    exported: u64,
    failed: u64,
}

impl SpanReport {
    /// Sampled spans that started and have not ended, or ended after the pipeline was shut down,
    /// when the SDK tells nobody of them any more.
    #[must_use]
    pub const fn unfinished(self) -> u64 {
        self.unfinished
    }

    /// Spans that ended and were sampled.
    #[must_use]
    pub const fn ended(self) -> u64 {
        self.ended
    }

    /// Spans the receiver accepted.
    #[must_use]
    pub const fn exported(self) -> u64 {
        self.exported
    }

    /// Spans in batches the receiver did not accept.
    #[must_use]
    pub const fn failed(self) -> u64 {
        self.failed
    }

    /// Spans that ended and were not accepted, for whatever reason. Before the pipeline is shut
    /// down this includes those still waiting.
    #[must_use]
    pub const fn lost(self) -> u64 {
        self.ended.saturating_sub(self.exported)
    }
}

impl SpanAccount {
    /// An account at zero.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts the spans that go into a processor.
    pub fn processor<P: SpanProcessor>(&self, inner: P) -> AccountedProcessor<P> {
        AccountedProcessor {
            inner,
            account: self.clone(),
        }
    }

    /// Counts the spans an exporter sends.
    pub fn exporter<E: SpanExporter>(&self, inner: E) -> AccountedExporter<E> {
        AccountedExporter {
            inner,
            account: self.clone(),
        }
    }

    /// The counts now.
    #[must_use]
    pub fn report(&self) -> SpanReport {
        // Read last-first, so that a span in between is never counted as sent but not ended.
        let exported = self.counts.exported.load(Ordering::Acquire);
        let failed = self.counts.failed.load(Ordering::Acquire);
        let ended = self.counts.ended.load(Ordering::Acquire);
        let started = self.counts.started.load(Ordering::Acquire);
        SpanReport {
            unfinished: started.saturating_sub(ended),
            ended,
            exported,
            failed,
        }
    }
}

/// A span processor whose spans are counted. Made by [`SpanAccount::processor`].
#[derive(Debug)]
pub struct AccountedProcessor<P> {
    inner: P,
    account: SpanAccount,
}

impl<P: SpanProcessor> SpanProcessor for AccountedProcessor<P> {
    fn on_start(&self, span: &mut Span, cx: &Context) {
        if span.span_context().is_sampled() {
            self.account.counts.started.fetch_add(1, Ordering::Release);
        }
        self.inner.on_start(span, cx);
    }

    fn on_end(&self, span: SpanData) {
        if span.span_context.is_sampled() {
            self.account.counts.ended.fetch_add(1, Ordering::Release);
        }
        self.inner.on_end(span);
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.inner.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.inner.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.inner.set_resource(resource);
    }
}

/// A span exporter whose spans are counted. Made by [`SpanAccount::exporter`].
#[derive(Debug)]
pub struct AccountedExporter<E> {
    inner: E,
    account: SpanAccount,
}

impl<E: SpanExporter> SpanExporter for AccountedExporter<E> {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let spans = u64::try_from(batch.len()).unwrap_or(u64::MAX);
        let result = self.inner.export(batch).await;
        let counts = &self.account.counts;
        let counter = if result.is_ok() {
            &counts.exported
        } else {
            &counts.failed
        };
        counter.fetch_add(spans, Ordering::Release);
        result
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.inner.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.inner.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.inner.set_resource(resource);
    }
}
