//! TLS at a server: handshakes, their record, and the peer of each connection. Feature `rustls`.
//!
//! A server library that runs a handshake inside its `accept` lets one silent client keep everybody
//! out; one that gives no hook for a connection parses its certificate for every request. A
//! [`TlsListener`] does neither. [`Handshaker`] is the same for whoever accepts by himself.
//!
//! A rustls verifier with the roots of several trust domains in one store lets each of them issue
//! identities of the others. [`SpiffeVerifier`] holds each certificate against the bundle of its own
//! domain.

mod early;
mod evidence;
mod handshake;
mod handshaker;
mod issuer_path;
mod listener;
mod stream;
mod svid_resolver;
mod verifier;

pub use evidence::EvidenceVerifier;
pub use handshake::HandshakeResult;
pub use handshaker::{Handshaker, HandshakerBuilder};
pub use listener::{TlsListener, TlsListenerBuilder};
pub use stream::PeerStream;
pub use svid_resolver::SvidResolver;
pub use verifier::{SpiffeVerifier, SpiffeVerifierBuilder};
