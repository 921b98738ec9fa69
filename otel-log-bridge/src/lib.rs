//! One `tracing` layer that writes each event once.
//!
//! A line that cannot be joined to its trace and its request is noise, and a logger that blocks,
//! recurses or loses lines in silence is worse. [`LogBridge`] writes every event as one line of
//! JSON that carries the ids of the request it belongs to, through a bounded queue, and accounts
//! for every event it was given.
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
//!     tracing::info!(order = 17, "accepted");
//! });
//!
//! let report = guard.shutdown(Duration::from_secs(5));
//! assert_eq!((report.written(), report.dropped(), report.pending()), (1, 0, 0));
//! assert!(lines.text().contains(r#""body":"accepted""#));
//! assert!(lines.text().contains(r#""order":17"#));
//! # Ok(())
//! # }
//! ```
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
//! | `event_name` | the `name:` of the event, where it was given one |
//! | `target` | the target of the event |
//! | fields | in their order, flat, at most 128 and 40 KiB, each value at most 4 KiB |
//! | `otel.dropped_attributes_count` | fields left out because of these limits |
//! | `service.name` and further facts | of the resource |
//!
//! A field cannot take the place of another key: it is then written as `field.<name>`. A value
//! that is cut ends in `…[truncated N bytes]`. Sizes are of the text as written, so a line is never
//! longer than 64 KiB. Fields of the spans around an event are not repeated on its line.
//!
//! # Whose ids
//!
//! An event belongs to the span it names as its parent; with `parent: None` to none; otherwise to
//! the current OpenTelemetry context; and where there is no context, to the nearest `tracing` span
//! around it that was once entered inside one.
//!
//! # What it will not do
//!
//! The caller never waits for the writer and is never panicked at. A full queue drops the newest
//! line, and the log itself says how many are missing (`event_name` `log.dropped`). A field whose
//! `Debug` panics is written as `<debug panicked>`; one whose `Debug` logs is written, and so is
//! what it logs, but not without end.
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
