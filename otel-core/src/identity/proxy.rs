//! Proxies that may say who the caller is.
//!
//! A rule names the proxy by what it cannot fake, and says which header it *writes*. A proxy that
//! only passes the header on (Envoy's `FORWARD_ONLY` and `ALWAYS_FORWARD_ONLY`) asserts nothing, and
//! must not be named: what its clients write would be believed.

use std::net::IpAddr;

use super::{Connection, Fingerprint, SpiffePattern};

/// How a proxy forwards the identity of its clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Forwards {
    /// It replaces `x-forwarded-client-cert`: Envoy's `SANITIZE_SET`. The header has one element.
    XfccSet,
    /// It appends to `x-forwarded-client-cert`: Envoy's `APPEND_FORWARD`. The last element is its own.
    XfccAppend,
    /// It writes `Client-Cert` of RFC 9440.
    #[cfg(feature = "x509")]
    ClientCert,
    /// It writes `l5d-client-id`. For linkerd's own proxy beside this process, so only over loopback
    /// or a Unix socket.
    L5d,
}

/// A proxy by what it is known by, and what it forwards.
///
/// ```
/// use otel_core::identity::{Forwards, Proxy};
///
/// let edge = Proxy::spiffe("spiffe://prod.example.org/edge/*".parse()?, Forwards::XfccSet);
/// # let _ = edge;
/// # Ok::<(), otel_core::identity::SpiffeIdError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Proxy {
    known_by: KnownBy,
    pub(super) forwards: Forwards,
    pub(super) by: Option<SpiffePattern>,
    own_calls: bool,
}

#[derive(Clone, Debug)]
enum KnownBy {
    Spiffe(SpiffePattern),
    Fingerprint(Fingerprint),
    Network(IpAddr, u8),
    Loopback,
    UnixSocket,
}

impl Proxy {
    const fn new(known_by: KnownBy, forwards: Forwards) -> Self {
        Self {
            known_by,
            forwards,
            by: None,
            own_calls: false,
        }
    }

    /// Known by the SPIFFE ID it has proven on its connection.
    #[must_use]
    pub const fn spiffe(pattern: SpiffePattern, forwards: Forwards) -> Self {
        Self::new(KnownBy::Spiffe(pattern), forwards)
    }

    /// Known by the certificate it has shown on its connection.
    #[must_use]
    pub const fn fingerprint(fingerprint: Fingerprint, forwards: Forwards) -> Self {
        Self::new(KnownBy::Fingerprint(fingerprint), forwards)
    }

    /// Known by its address. Everybody who can send from such an address can then forge an identity:
    /// for networks in which that is the proxy alone.
    #[must_use]
    pub const fn network(address: IpAddr, prefix_length: u8, forwards: Forwards) -> Self {
        Self::new(KnownBy::Network(address, prefix_length), forwards)
    }

    /// A sidecar: whatever connects over a loopback address.
    #[must_use]
    pub const fn loopback(forwards: Forwards) -> Self {
        Self::new(KnownBy::Loopback, forwards)
    }

    /// A sidecar: whatever connects over a Unix domain socket.
    #[must_use]
    pub const fn unix_socket(forwards: Forwards) -> Self {
        Self::new(KnownBy::UnixSocket, forwards)
    }

    /// What the `By` of its element of `x-forwarded-client-cert` must be: the identity of the proxy's
    /// own certificate, which for a sidecar is that of this workload. Without this a proxy known by
    /// its SPIFFE ID must write that, and of the others it is not looked at.
    #[must_use]
    pub fn with_by(mut self, by: SpiffePattern) -> Self {
        self.by = Some(by);
        self
    }

    /// Requests without the header are the proxy's own, such as its health checks. Otherwise they are
    /// nobody's: a caller without a certificate must not have the rights of the proxy it came through.
    #[must_use]
    pub const fn with_own_calls(mut self) -> Self {
        self.own_calls = true;
        self
    }

    /// Whether a request that says nothing of its caller is the proxy's own. A proxy known by its
    /// address has no identity to lend.
    pub(super) const fn is_caller(&self) -> bool {
        self.own_calls || !matches!(self.known_by, KnownBy::Spiffe(_) | KnownBy::Fingerprint(_))
    }

    /// Whether it is at the other end of a connection.
    pub(super) fn is_at(&self, connection: &Connection) -> bool {
        let peer = || connection.peer();
        match &self.known_by {
            KnownBy::Spiffe(pattern) => peer()
                .and_then(|peer| peer.spiffe_id())
                .is_some_and(|id| pattern.matches(id.to_ref())),
            KnownBy::Fingerprint(known) => {
                peer().and_then(|peer| peer.fingerprint()) == Some(known)
            }
            KnownBy::Network(network, length) => connection
                .remote_ip()
                .is_some_and(|remote| is_within(remote, *network, *length)),
            KnownBy::Loopback => connection.remote_ip().is_some_and(|ip| ip.is_loopback()),
            KnownBy::UnixSocket => connection.is_unix(),
        }
    }

    /// The SPIFFE IDs it may have: how it is known when it is a hop farther away.
    pub(super) const fn pattern(&self) -> Option<&SpiffePattern> {
        match &self.known_by {
            KnownBy::Spiffe(pattern) => Some(pattern),
            _ => None,
        }
    }

    /// Why the rule cannot be kept, if so.
    pub(super) fn refusal(&self) -> Option<&'static str> {
        let is_local = matches!(self.known_by, KnownBy::Loopback | KnownBy::UnixSocket);
        match (&self.known_by, self.forwards) {
            (KnownBy::Network(IpAddr::V4(_), 33..) | KnownBy::Network(IpAddr::V6(_), 129..), _) => {
                Some("a prefix no longer than the address")
            }
            (_, Forwards::L5d) if !is_local => {
                Some("`L5d` over loopback or a Unix socket only: the header proves no hop")
            }
            _ => None,
        }
    }
}

fn is_within(remote: IpAddr, network: IpAddr, length: u8) -> bool {
    let bits = |ip: IpAddr| match ip {
        IpAddr::V4(v4) => (u128::from(v4.to_bits()), 32),
        IpAddr::V6(v6) => (v6.to_bits(), 128),
    };
    let ((remote, width), (network, same_width)) = (bits(remote), bits(network));
    let rest = width - u32::from(length).min(width);
    // A shift by the whole width is none: with no prefix every address is within.
    width == same_width
        && remote.checked_shr(rest).unwrap_or(0) == network.checked_shr(rest).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_holds_what_shares_its_prefix() {
        for (remote, network, length, expected) in [
            ("10.1.2.3", "10.1.0.0", 16, true),
            ("10.2.2.3", "10.1.0.0", 16, false),
            ("10.1.2.3", "10.1.2.3", 32, true),
            ("10.1.2.4", "10.1.2.3", 32, false),
            ("203.0.113.9", "0.0.0.0", 0, true),
            ("2001:db8::1", "2001:db8::", 32, true),
            ("2001:db9::1", "2001:db8::", 32, false),
            ("2001:db8::1", "::", 0, true),
            ("::1", "0.0.0.0", 0, false),
        ] {
            let parse = |ip: &str| ip.parse().unwrap();
            assert_eq!(
                is_within(parse(remote), parse(network), length),
                expected,
                "{remote}"
            );
        }
    }
}
