//! What a caller asked of sampling beyond the one flag of a span context.
//!
//! The flags of a span context know sampled and not sampled. Older formats also know "debug" and
//! "decide yourself", and can decide without naming a span: that is kept as a value of its own,
//! never as a private bit of the flags, which would collide with bits the standard assigns.

/// The sampling state a header carried
/// ([B3](https://github.com/openzipkin/b3-propagation#sampling-state) has the fullest set).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SamplingState {
    /// Record nothing.
    Deny,
    /// Record.
    Accept,
    /// Record, past every sampler on the way.
    Debug,
    /// The caller left the decision to its callee.
    Defer,
}

impl SamplingState {
    /// Whether the state asks for a recorded span.
    #[must_use]
    pub const fn is_sampled(self) -> bool {
        matches!(self, Self::Accept | Self::Debug)
    }
}
