//! Where lines go, without the caller ever waiting for it.
//!
//! A caller appends its line to a bounded buffer under a short lock; a thread of the bridge's own
//! swaps the buffer against an empty one and writes. A full pipe therefore blocks that thread and
//! no other, and the memory is bounded whatever the writer does.

mod json_sink;
mod queue;
mod writer;

pub use json_sink::{CapturedLines, JsonSink};
pub(crate) use queue::{MIN_QUEUE_BYTES, Queue, Shutdown};
pub(crate) use writer::Writer;
