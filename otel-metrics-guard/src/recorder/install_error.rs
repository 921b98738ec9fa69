//! Why a recorder could not be made the recorder of its process.

use std::fmt;

/// Another recorder is installed already; a process has one, for good.
#[derive(Clone, PartialEq, Eq)]
pub struct InstallError(());

impl InstallError {
    pub(super) const fn occupied() -> Self {
        Self(())
    }

    /// Whether the place was taken by another recorder.
    #[must_use]
    pub const fn is_occupied(&self) -> bool {
        true
    }
}

impl fmt::Display for InstallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a metrics recorder is installed in this process already")
    }
}

impl fmt::Debug for InstallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for InstallError {}
