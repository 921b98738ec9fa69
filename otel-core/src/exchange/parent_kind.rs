//! Where the parent of an exchange came from.

/// How an exchange is joined to what caused it: the label `exchange.parent`.
///
/// The share of a route's exchanges that are not [`Remote`](Self::Remote) is the share of requests
/// whose context was lost on the way, or was never there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ParentKind {
    /// The caller's headers named it.
    Remote,
    /// A span of this process that was current.
    Local,
    /// It was reconstructed.
    Reconstructed,
    /// The caller's headers named one, and the boundary made it a link.
    Linked,
    /// The caller's headers named one, and the boundary dropped it.
    Dropped,
    /// There was none.
    None,
}

impl ParentKind {
    /// How many kinds there are.
    pub(super) const COUNT: usize = 6;

    /// The word written to the metric.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Remote => "remote",
            Self::Local => "local",
            Self::Reconstructed => "reconstructed",
            Self::Linked => "linked",
            Self::Dropped => "dropped",
            Self::None => "none",
        }
    }
}
