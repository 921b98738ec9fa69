//! How a stream that lasts is told.

use std::time::Duration;

/// What spans a call leaves that may last for hours. Its metrics and its log line cover the whole
/// call under every policy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum StreamPolicy {
    /// One span from the first byte to the last. Nothing of it is seen before it ends.
    #[default]
    OneSpan,
    /// A span for each stretch of that time: the first is the parent of the others, each links to
    /// the one before, and the last has the verdict.
    ///
    /// A segment ends with the first movement of the stream after its time: a stream that stands
    /// still keeps its span.
    Segments(Duration),
    /// No span for methods known to stream, from a descriptor set or a list; one for any other.
    MetricsAlone,
}
