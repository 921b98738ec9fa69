//! One `tracing` layer that writes each event once.
//!
//! A line that cannot be joined to its trace and its request is noise, and a logger that blocks,
//! recurses, leaks or loses lines in silence is worse. [`LogBridge`] captures every event once, with
//! the ids of the request it belongs to and the fields of the spans around it, redacts it, and gives
//! the same record to OpenTelemetry and to lines of JSON, through bounded queues, with an account of
//! every event it was given.
//!
//! ```
//! use std::time::Duration;
//!
//! use otel_core::resource::Resource;
//! use otel_log_bridge::{JsonSink, LogBridge};
//! use tracing_subscriber::layer::SubscriberExt;
//!
//! # fn main() -> Result<(), otel_core::ConfigError> {
//! let resource = Resource::builder().with_service_name("shop").build()?;
//! let (sink, lines) = JsonSink::memory(); // or `JsonSink::stdout()`
//! let (layer, guard) = LogBridge::builder(&resource)
//!     .with_level("info,my_app=debug")
//!     .with_json(sink)
//!     .build()?;
//!
//! let subscriber = tracing_subscriber::registry().with(layer);
//! tracing::subscriber::with_default(subscriber, || {
//!     let _span = tracing::info_span!("request", tenant = "north").entered();
//!     tracing::info!(order = 17, "accepted for alice@example.com");
//! });
//!
//! let report = guard.shutdown(Duration::from_secs(5));
//! assert_eq!((report.written(), report.dropped(), report.pending()), (1, 0, 0));
//! assert!(lines.text().contains(r#""body":"accepted for [REDACTED]""#));
//! assert!(lines.text().contains(r#""order":17"#));
//! assert!(lines.text().contains(r#""tenant":"north""#));
//! # Ok(())
//! # }
//! ```
//!
//! In a service that exports both, with spans from `tracing`:
//!
//! ```
//! use opentelemetry_sdk::logs::SdkLoggerProvider;
//! use opentelemetry_sdk::trace::SdkTracerProvider;
//! use otel_core::opentelemetry::trace::TracerProvider;
//! use otel_core::resource::Resource;
//! use otel_log_bridge::{JsonSink, LogBridge, RequestBuffer, Sampling};
//! use tracing::Level;
//! use tracing_subscriber::layer::SubscriberExt;
//!
//! # fn main() -> Result<(), otel_core::ConfigError> {
//! # let resource = Resource::builder().build()?;
//! let logs = SdkLoggerProvider::builder().build(); // with a batch processor
//! let traces = SdkTracerProvider::builder().build();
//! let spans = tracing_opentelemetry::layer().with_tracer(traces.tracer("shop"));
//! let (layer, guard) = LogBridge::builder(&resource)
//!     .with_otel(&logs)
//!     .with_json(JsonSink::stdout())
//!     .with_sampling(Sampling::production())
//!     .with_request_buffer(RequestBuffer::new(Level::DEBUG))
//!     .add_baggage_field("tenant", "tenant.id")
//!     .build_with(spans)?;
//! let subscriber = tracing_subscriber::registry().with(layer);
//! # let _ = (subscriber, guard);
//! # Ok(())
//! # }
//! ```
//!
//! | to | see |
//! |---|---|
//! | write to files, to several places, by level | [`JsonSink`], [`LogFile`] |
//! | have the keys of Elastic, Loki, Google Cloud or a terminal | [`Profile`], [`vocabulary`] |
//! | keep secrets and persons out | [`Redaction`], [`HashKey`]; a test with [`CapturedLines::leaks`] |
//! | keep less, and know what was left out | [`Sampling`], [`SamplingRule`], [`Shedding`] |
//! | see the quiet lines of failed requests only | [`RequestBuffer`] |
//! | agree on fields and find what departs | [`Schema`], [`OnDrift`], [`log_event!`] |
//! | change levels and shares, flush, know what became of events | [`LogGuard`] |
//!
//! # A line
//!
//! Keys stand in this order, and those without a value are left out:
//!
//! | key | value |
//! |---|---|
//! | `timestamp` | RFC 3339, UTC, nine fractional digits |
//! | `severity_text`, `severity_number` | of the level, as in the OpenTelemetry log data model |
//! | `body` | the message, at most 16 KiB |
//! | `trace_id`, `span_id`, `trace_flags` | lower-case hexadecimal; all three or none |
//! | `request_id` | of the exchange the event belongs to |
//! | `correlation_id` | where there is neither trace nor request: of the outermost `tracing` span |
//! | `event_name` | the `name:` of the event, where it was given one |
//! | `target` | the target of the event |
//! | fields | of the event and of the spans around it, flat, at most 128 and 40 KiB, each value at most 4 KiB |
//! | `otel.dropped_attributes_count` | fields left out because of these limits or of the schema |
//! | `service.name` and further facts | of the resource; `log.schema` where there is one |
//!
//! A record of OpenTelemetry has the same, in the places the data model has for it. Of fields of the
//! same name the event's own stands, then that of the innermost span. A field cannot take the place
//! of another key: it is then written as `field.<name>`. A value that is cut ends in
//! `…[truncated N bytes]`. Sizes are of the text as written, so a line is never longer than 64 KiB.
//!
//! An error field (`&dyn Error`) keeps its name and is also the `exception.message`, with
//! `exception.type` where the type is [known](LogBridgeBuilder::add_error_type) and the chain of its
//! sources as `exception.stacktrace`. A field `severity_number` may raise an event within and above
//! its level, up to FATAL. A field `audit = true` keeps an event whatever sampling says.
//!
//! # Whose ids
//!
//! An event belongs to the span it names as its parent; with `parent: None` to none; otherwise to
//! the current OpenTelemetry context; and where there is no context, to the nearest `tracing` span
//! around it that was once entered inside one. A record that is made after its span has ended says
//! so: `log.after_span_end`.
//!
//! # What it will not do
//!
//! The caller never waits for a writer and is never panicked at. A full queue drops the newest
//! line, and the log itself says how many are missing (`event_name` `log.dropped`). A field whose
//! `Debug` panics is written as `<debug panicked>`; one whose `Debug` logs is written, and so is
//! what it logs, but not without end. What an exporter logs about its work is a line, and is not
//! exported.
#![forbid(unsafe_code)]

mod bridge;
mod buffer;
mod builder;
mod capture;
mod context_field;
mod encode;
mod guard;
mod ids;
mod keeper;
mod level;
mod metrics;
mod name;
mod notice;
mod order;
mod panic;
mod plan;
mod record;
mod redact;
mod sampling;
mod schema;
mod severity;
mod shared;
mod sink;
mod span_fields;
mod stats;

pub use bridge::{LogBridge, LogLayer, SpanAndLogLayer};
pub use buffer::RequestBuffer;
pub use builder::LogBridgeBuilder;
pub use encode::{Profile, vocabulary};
pub use guard::{FlushReport, LogGuard, ShutdownReport};
pub use level::{LevelGate, SpansOnly};
pub use redact::{Detector, HashKey, Redact, Redaction, RedactionBuilder};
pub use sampling::{Sampling, SamplingBuilder, SamplingRule, Shedding};
#[doc(hidden)]
pub use schema::declares;
pub use schema::{
    ChangeKind, Drift, DriftPlace, DriftReport, FieldType, LogValue, OnDrift, Schema,
    SchemaBuilder, SchemaChange, SchemaField,
};
pub use sink::{CapturedLines, JsonSink, LogFile};
pub use span_fields::SpanFields;
pub use stats::{DropReason, LogStats, SinkStats};

/// For [`log_event!`].
#[doc(hidden)]
pub mod private {
    pub use tracing;
}
