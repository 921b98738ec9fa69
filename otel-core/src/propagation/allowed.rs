//! Which baggage keys may cross a boundary.

use std::sync::Arc;

/// All keys, none, or those of a list.
#[derive(Clone, Debug)]
pub(super) struct Allowed(Keys);

#[derive(Clone, Debug)]
enum Keys {
    All,
    /// Few, so a scan beats a set. Empty: none.
    Listed(Option<Arc<[String]>>),
}

impl Allowed {
    pub(super) const ALL: Self = Self(Keys::All);
    pub(super) const NONE: Self = Self(Keys::Listed(None));

    pub(super) fn keys<K: Into<String>>(keys: impl IntoIterator<Item = K>) -> Self {
        Self(Keys::Listed(Some(
            keys.into_iter().map(Into::into).collect(),
        )))
    }

    pub(super) const fn is_all(&self) -> bool {
        matches!(self.0, Keys::All)
    }

    pub(super) fn contains(&self, key: &str) -> bool {
        match &self.0 {
            Keys::All => true,
            Keys::Listed(None) => false,
            Keys::Listed(Some(keys)) => keys.iter().any(|allowed| allowed == key),
        }
    }
}
