//! What of our context goes out to a callee.

use super::allowed::Allowed;

/// What one callee is told.
///
/// ```
/// use otel_core::propagation::Release;
///
/// let payment_provider = Release::traceparent();
/// assert!(!payment_provider.allows_baggage("user"));
/// let own = Release::everything();
/// assert!(own.allows_baggage("user"));
/// ```
#[derive(Clone, Debug)]
pub struct Release {
    trace: Trace,
    baggage: Allowed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trace {
    Whole,
    WithoutState,
    Nothing,
}

impl Release {
    /// The trace with its state, all baggage, and the request id.
    #[must_use]
    pub const fn everything() -> Self {
        Self::of(Trace::Whole, Allowed::ALL)
    }

    /// The ids and flags of the span and the request id: no `tracestate`, which names the tracing
    /// systems in use, and no baggage.
    #[must_use]
    pub const fn traceparent() -> Self {
        Self::of(Trace::WithoutState, Allowed::NONE)
    }

    /// Nothing: no trace, no baggage, no request id, and nothing an earlier hop wrote of them.
    #[must_use]
    pub const fn nothing() -> Self {
        Self::of(Trace::Nothing, Allowed::NONE)
    }

    const fn of(trace: Trace, baggage: Allowed) -> Self {
        Self { trace, baggage }
    }

    /// Lets out the baggage of these keys and no other.
    #[must_use]
    pub fn with_baggage<K: Into<String>>(mut self, keys: impl IntoIterator<Item = K>) -> Self {
        self.baggage = Allowed::keys(keys);
        self
    }

    /// Whether baggage of this key goes out.
    #[must_use]
    pub fn allows_baggage(&self, key: &str) -> bool {
        self.baggage.contains(key)
    }

    pub(crate) fn has_trace(&self) -> bool {
        self.trace != Trace::Nothing
    }

    pub(crate) fn has_state(&self) -> bool {
        self.trace == Trace::Whole
    }

    pub(super) const fn baggage(&self) -> &Allowed {
        &self.baggage
    }
}
