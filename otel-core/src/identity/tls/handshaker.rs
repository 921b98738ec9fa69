//! One handshake: within its time, recorded, and its peer read once.

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::{Duration, Instant, SystemTime};

use rustls::pki_types::CertificateDer;
use rustls::{
    CipherSuite, HandshakeKind, ProtocolVersion, RootCertStore, ServerConfig, ServerConnection,
};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tracing::Level;

use super::early::EarlyData;
use super::issuer_path::verified_path;
use super::{HandshakeResult, PeerStream, evidence};
use crate::error::ConfigError;
use crate::identity::contain::contained;
use crate::identity::peer::{Facts, PeerIdentity};
use crate::identity::text::rfc3339;
use crate::identity::{Connection, SpiffeId, SvidViolation, TlsFacts};
use crate::registry::{Buckets, Counter, Descriptor, Histogram, Unit, UpDownCounter};
use crate::semconv;
use crate::telemetry::Telemetry;

/// Time a handshake may take unless told otherwise.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);
/// Records of failed handshakes a second unless told otherwise.
const DEFAULT_RECORDS: u32 = 10;

/// Accepts TLS on connections that were accepted elsewhere. A clone is one reference count.
#[derive(Clone)]
pub struct Handshaker {
    shared: Arc<Shared>,
}

struct Shared {
    acceptor: TlsAcceptor,
    telemetry: Telemetry,
    timeout: Duration,
    issuer_roots: Option<Arc<RootCertStore>>,
    results: Vec<[Counter; 2]>,
    duration: Histogram,
    active: UpDownCounter,
    records: Records,
}

impl Handshaker {
    /// A handshaker with good defaults: ten seconds for a handshake.
    #[must_use]
    pub fn new(telemetry: &Telemetry, config: Arc<ServerConfig>) -> Self {
        Self::builder(telemetry, config).finish()
    }

    /// Starts a handshaker.
    pub fn builder(telemetry: &Telemetry, config: Arc<ServerConfig>) -> HandshakerBuilder {
        HandshakerBuilder {
            telemetry: telemetry.clone(),
            config,
            timeout: DEFAULT_TIMEOUT,
            issuer_roots: None,
            records: DEFAULT_RECORDS,
            error: None,
        }
    }

    /// Runs the handshake of a connection. Counted and timed however it ends, a drop included.
    ///
    /// # Errors
    ///
    /// What ended the handshake; `TimedOut` when it took too long.
    pub async fn accept<IO>(&self, io: IO, connection: Connection) -> io::Result<PeerStream<IO>>
    where
        IO: AsyncRead + AsyncWrite + Unpin,
    {
        let shared = &*self.shared;
        let record = Record::start(shared);
        let mut shaking = pin!(tokio::time::timeout(
            shared.timeout,
            shared.acceptor.accept(io)
        ));
        let mut refused = None;
        // A refused certificate waits on this thread, and only until this poll returns.
        let shaken = poll_fn(|cx| {
            let polled = shaking.as_mut().poll(cx);
            refused = evidence::take().or(refused.take());
            polled
        })
        .await;
        let shaken = shaken.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
        let now = shared.telemetry.clock().wall();
        match shaken.and_then(|tls| shared.settle(tls, connection.clone(), now)) {
            Ok((stream, resumed)) => {
                record.end(HandshakeResult::Success, resumed);
                Ok(stream)
            }
            Err(error) => {
                let result = HandshakeResult::of(&error);
                record.end(result, false);
                shared.record_failure(result, refused.as_deref(), &connection, now);
                Err(error)
            }
        }
    }
}

impl Shared {
    /// Reads the peer of a connection, once.
    fn settle<IO>(
        &self,
        mut tls: TlsStream<IO>,
        connection: Connection,
        now: SystemTime,
    ) -> io::Result<(PeerStream<IO>, bool)> {
        let session = tls.get_mut().1;
        let early = EarlyData::take(session)
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "too much early data"))?;
        let facts = tls_facts(session);
        let resumed = facts.is_resumed();
        let connection = match self.peer(session, facts, now) {
            Some(peer) => connection.with_peer(peer),
            None => connection,
        };
        Ok((PeerStream::new(tls, connection, early), resumed))
    }

    fn peer(
        &self,
        session: &ServerConnection,
        tls: TlsFacts,
        now: SystemTime,
    ) -> Option<PeerIdentity> {
        let presented = session.peer_certificates()?;
        let leaf = presented.get(..1)?;
        let mut peer = PeerIdentity::of_chain(leaf, now)?;
        if let (Some(SvidViolation::NoSpiffeId), Some(roots)) =
            (peer.violation(), &self.issuer_roots)
        {
            let provider = self.acceptor.config().crypto_provider();
            let path: Vec<CertificateDer<'_>> = verified_path(presented, roots, provider, now);
            peer = PeerIdentity::of_chain(&path, now)?;
        }
        Some(PeerIdentity::of_facts(Facts {
            tls: Some(tls),
            ..peer.facts
        }))
    }

    /// The record of a handshake that failed. Under attack only some are written; each says how many
    /// were not since the one before it, and the counter has all of them.
    fn record_failure(
        &self,
        result: HandshakeResult,
        refused: Option<&[u8]>,
        connection: &Connection,
        now: SystemTime,
    ) {
        let Some(unwritten) = self.records.take(self.telemetry.clock().now()) else {
            return;
        };
        let peer = refused.and_then(|leaf| PeerIdentity::of_chain(&[leaf], now));
        let peer = peer.as_ref();
        contained(|| {
            tracing::event!(
                target: "audit",
                Level::WARN,
                "tls.handshake.result" = result.as_str(),
                "authz.time" = rfc3339(now),
                "network.peer.address" = connection.remote_addr().map(|at| at.ip().to_string()),
                "peer.spiffe_id" = peer.and_then(PeerIdentity::spiffe_id).map(SpiffeId::as_str),
                "identity.violation" = peer.and_then(PeerIdentity::violation).map(SvidViolation::as_str),
                "tls.client_certificate_serial" = peer.and_then(PeerIdentity::serial),
                "x509.issuer.hash.sha256" =
                    peer.and_then(PeerIdentity::issuer_hash).map(ToString::to_string),
                "cert.fingerprint.sha256" =
                    peer.and_then(PeerIdentity::fingerprint).map(ToString::to_string),
                "audit.unwritten" = unwritten,
                "tls_handshake_failed",
            );
        });
    }
}

fn tls_facts(session: &ServerConnection) -> TlsFacts {
    let mut facts =
        TlsFacts::new().with_resumed(session.handshake_kind() == Some(HandshakeKind::Resumed));
    match session.protocol_version() {
        Some(ProtocolVersion::TLSv1_3) => facts = facts.with_version("1.3"),
        Some(ProtocolVersion::TLSv1_2) => facts = facts.with_version("1.2"),
        _ => {}
    }
    if let Some(suite) = session.negotiated_cipher_suite() {
        facts = match cipher_name(suite.suite()) {
            Some(name) => facts.with_cipher(name),
            None => facts,
        };
    }
    let protocol = session.alpn_protocol().map(String::from_utf8_lossy);
    match protocol {
        Some(protocol) => facts.with_next_protocol(&*protocol),
        None => facts,
    }
}

/// The name in the IANA registry; rustls has one of its own for those of TLS 1.3.
fn cipher_name(suite: CipherSuite) -> Option<&'static str> {
    match suite {
        CipherSuite::TLS13_AES_128_GCM_SHA256 => Some("TLS_AES_128_GCM_SHA256"),
        CipherSuite::TLS13_AES_256_GCM_SHA384 => Some("TLS_AES_256_GCM_SHA384"),
        CipherSuite::TLS13_CHACHA20_POLY1305_SHA256 => Some("TLS_CHACHA20_POLY1305_SHA256"),
        other => other.as_str(),
    }
}

/// A handshake that has begun: counted when it ends, at the latest when dropped.
struct Record<'a> {
    shared: &'a Shared,
    started: Instant,
    ended: bool,
}

impl<'a> Record<'a> {
    fn start(shared: &'a Shared) -> Self {
        shared.active.inc();
        Self {
            shared,
            started: shared.telemetry.clock().now(),
            ended: false,
        }
    }

    fn end(mut self, result: HandshakeResult, resumed: bool) {
        self.count(result, resumed);
    }

    fn count(&mut self, result: HandshakeResult, resumed: bool) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        self.shared.active.dec();
        let now = self.shared.telemetry.clock().now();
        let duration = now.saturating_duration_since(self.started);
        self.shared.duration.record(duration.as_secs_f64());
        let row = self.shared.results.get(result as usize);
        if let Some(counter) = row.and_then(|row| row.get(usize::from(resumed))) {
            counter.inc();
        }
    }
}

impl Drop for Record<'_> {
    fn drop(&mut self) {
        self.count(HandshakeResult::HandshakeTimeout, false);
    }
}

/// So many records a second, and how many were not written.
struct Records {
    per_second: u32,
    window: Mutex<Window>,
}

#[derive(Default)]
struct Window {
    began: Option<Instant>,
    written: u32,
    unwritten: u64,
}

impl Records {
    /// How many were left out before this one, or `None` if it is left out too.
    fn take(&self, now: Instant) -> Option<u64> {
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        let began = *window.began.get_or_insert(now);
        if now.saturating_duration_since(began) >= Duration::from_secs(1) {
            window.began = Some(now);
            window.written = 0;
        }
        if window.written >= self.per_second {
            window.unwritten += 1;
            return None;
        }
        window.written += 1;
        Some(std::mem::take(&mut window.unwritten))
    }
}

impl fmt::Debug for Handshaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handshaker")
            .field("timeout", &self.shared.timeout)
            .finish_non_exhaustive()
    }
}

/// Collects what a [`Handshaker`] needs.
#[derive(Debug)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct HandshakerBuilder {
    telemetry: Telemetry,
    config: Arc<ServerConfig>,
    timeout: Duration,
    issuer_roots: Option<Arc<RootCertStore>>,
    records: u32,
    error: Option<ConfigError>,
}

impl HandshakerBuilder {
    /// How long a handshake may take; 10 s otherwise.
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        if timeout.is_zero() {
            self.error
                .get_or_insert_with(|| ConfigError::invalid("with_timeout", "more than zero"));
        }
        self.timeout = timeout;
        self
    }

    /// Looks above a leaf that has no URI among its names, in the path that leads to one of these
    /// roots. Not at all otherwise: of the list a client presents, nothing above the leaf is proven.
    pub fn with_issuer_roots(mut self, roots: Arc<RootCertStore>) -> Self {
        self.issuer_roots = Some(roots);
        self
    }

    /// How many failed handshakes a second are written to the audit log; 10 otherwise. All are
    /// counted.
    pub const fn with_records_per_second(mut self, records: u32) -> Self {
        self.records = records;
        self
    }

    /// Finishes the handshaker.
    ///
    /// # Errors
    ///
    /// The first value that was refused.
    pub fn build(self) -> Result<Handshaker, ConfigError> {
        match self.error {
            Some(error) => Err(error),
            None => Ok(self.finish()),
        }
    }

    fn finish(self) -> Handshaker {
        let registry = self.telemetry.registry();
        let results = registry.counter(
            Descriptor::new(semconv::TLS_SERVER_HANDSHAKES)
                .with_help("TLS handshakes at this server, by result."),
        );
        let duration = registry.histogram(
            Descriptor::new(semconv::TLS_SERVER_HANDSHAKE_DURATION)
                .with_unit(Unit::SECONDS)
                .with_help("Duration of TLS handshakes at this server, however they ended."),
            Buckets::semconv_seconds(),
        );
        let active = registry.up_down_counter(
            Descriptor::new(semconv::TLS_SERVER_ACTIVE_HANDSHAKES)
                .with_help("TLS handshakes at this server that are not over."),
        );
        let results = HandshakeResult::ALL.map(|result| {
            ["FULL_HANDSHAKE", "RESUMED_HANDSHAKE"].map(|resumed| {
                results.with(&[
                    (semconv::TLS_HANDSHAKE_RESULT, result.as_str()),
                    (semconv::TLS_HANDSHAKE_RESUMED, resumed),
                ])
            })
        });
        Handshaker {
            shared: Arc::new(Shared {
                acceptor: TlsAcceptor::from(self.config),
                timeout: self.timeout,
                issuer_roots: self.issuer_roots,
                results: results.into(),
                duration: duration.with(&[]),
                active: active.with(&[]),
                records: Records {
                    per_second: self.records,
                    window: Mutex::default(),
                },
                telemetry: self.telemetry,
            }),
        }
    }
}
