//! What was agreed in a TLS handshake.

use std::sync::Arc;

/// Facts of a TLS connection, apart from who is at its other end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsFacts {
    version: Option<&'static str>,
    cipher: Option<&'static str>,
    next_protocol: Option<Arc<str>>,
    resumed: bool,
}

impl TlsFacts {
    /// A connection of which nothing more is known.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            version: None,
            cipher: None,
            next_protocol: None,
            resumed: false,
        }
    }

    /// The version, such as `1.3`.
    #[must_use]
    pub const fn with_version(mut self, version: &'static str) -> Self {
        self.version = Some(version);
        self
    }

    /// The cipher suite by its IANA name, such as `TLS_AES_128_GCM_SHA256`.
    #[must_use]
    pub const fn with_cipher(mut self, cipher: &'static str) -> Self {
        self.cipher = Some(cipher);
        self
    }

    /// The protocol agreed on by ALPN, such as `h2`.
    #[must_use]
    pub fn with_next_protocol(mut self, protocol: impl Into<Arc<str>>) -> Self {
        self.next_protocol = Some(protocol.into());
        self
    }

    /// Whether a session was resumed: its certificates were then verified in an earlier handshake.
    #[must_use]
    pub const fn with_resumed(mut self, resumed: bool) -> Self {
        self.resumed = resumed;
        self
    }

    /// The version, such as `1.3`.
    #[must_use]
    pub const fn version(&self) -> Option<&'static str> {
        self.version
    }

    /// The cipher suite by its IANA name.
    #[must_use]
    pub const fn cipher(&self) -> Option<&'static str> {
        self.cipher
    }

    /// The protocol agreed on by ALPN.
    #[must_use]
    pub fn next_protocol(&self) -> Option<&str> {
        self.next_protocol.as_deref()
    }

    pub(super) const fn shared_next_protocol(&self) -> Option<&Arc<str>> {
        self.next_protocol.as_ref()
    }

    /// Whether a session was resumed.
    #[must_use]
    pub const fn is_resumed(&self) -> bool {
        self.resumed
    }
}
