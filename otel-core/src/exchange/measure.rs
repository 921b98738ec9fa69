//! What of an exchange is its latency.

/// The time that is recorded as the duration of an exchange in metrics. Its span, its log line and
/// its observers always have the whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "all, the part before the stream, or none"
)]
pub enum Measure {
    /// From the arrival to the last frame, as the conventions define it.
    #[default]
    Whole,
    /// To the head of the response: what a stream takes to be established.
    ToHead,
    /// None: the exchange is in no histogram.
    Nothing,
}
