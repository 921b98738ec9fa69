//! The length a response declares, and whether its body keeps it.
//!
//! A reader that was promised more gets an incomplete message (RFC 9112, 6.3), one that gets more a
//! malformed one (RFC 9113, 8.1.1): either has been failed, whatever the status was.

use crate::outcome::Ending;

/// How many bytes a body was declared to have, and how many are still to come.
#[derive(Clone, Copy, Debug)]
pub struct Declared {
    remaining: u64,
    exceeded: bool,
    is_final: bool,
}

impl Declared {
    /// The body is over once it has given that many bytes: an HTTP/1 server asks for no more.
    #[must_use]
    pub const fn final_at(bytes: u64) -> Self {
        Self {
            remaining: bytes,
            exceeded: false,
            is_final: true,
        }
    }

    /// The body ends by a sign of its own, as in HTTP/2, and must then have given that many bytes.
    #[must_use]
    pub const fn checked(bytes: u64) -> Self {
        Self {
            is_final: false,
            ..Self::final_at(bytes)
        }
    }

    pub(super) const fn take(&mut self, bytes: u64) {
        self.exceeded |= bytes > self.remaining;
        self.remaining = self.remaining.saturating_sub(bytes);
    }

    /// Whether nothing more will be asked for.
    pub(super) const fn is_over(&self) -> bool {
        self.is_final && self.remaining == 0
    }

    /// Whether all that was declared has been given.
    pub(super) const fn is_given(&self) -> bool {
        self.remaining == 0
    }

    /// How the exchange ends when the body ends now.
    pub(super) const fn at_end(&self) -> Ending {
        // What an HTTP/1 server is given beyond the length it cuts off.
        let is_longer = self.exceeded && !self.is_final;
        if self.is_given() && !is_longer {
            Ending::Complete
        } else {
            Ending::BodyError
        }
    }
}
