//! The moment a request is given up.

use std::time::Instant;

/// A request extension that says when the request will be given up.
///
/// A future that is dropped looks the same whether the client left or a timeout fired. Whoever
/// sets a timeout outside the layer puts this into the request's extensions: a drop at or after
/// that moment is then a `timeout`, a drop before it a `client_disconnect`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline(Instant);

impl Deadline {
    /// The request is given up at `at`, by the monotonic clock.
    #[must_use]
    pub const fn new(at: Instant) -> Self {
        Self(at)
    }

    /// When the request is given up.
    #[must_use]
    pub const fn at(self) -> Instant {
        self.0
    }
}
