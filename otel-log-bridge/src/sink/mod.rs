//! Where records go, without the caller ever waiting for it.
//!
//! A caller appends its line to a bounded buffer under a short lock; a thread of the sink's own
//! swaps the buffer against an empty one and writes. A full pipe therefore blocks that thread and
//! no other, and the memory is bounded whatever the writer does.

mod file;
mod json_sink;
mod lines;
mod otel;
mod queue;
mod writer;

pub use file::LogFile;
pub use json_sink::{CapturedLines, JsonSink};
pub(crate) use lines::Lines;
pub(crate) use otel::{Emitter, OtelSink};
pub(crate) use queue::{MIN_QUEUE_BYTES, Queue, QueueStats, Shutdown};
pub(crate) use writer::{OWN_TARGET, Writer};
