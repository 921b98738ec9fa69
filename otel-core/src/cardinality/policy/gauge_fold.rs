//! What a gauge says for many series at once.

/// What becomes of `set` on a gauge whose label set is folded.
///
/// Counters, histograms and up-down counters add up, so their folded series says the sum. A value
/// that was set does not, and any rule but the first loses something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum GaugeFold {
    /// The write is refused and counted.
    #[default]
    Drop,
    /// The folded series says what was written last.
    Last,
    /// The folded series says the largest value since it was last collected.
    Max,
    /// The folded series says the smallest value since it was last collected.
    Min,
}
