//! Handshakes over a pipe: what each leaves, and what is believed of a chain.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use otel_core::identity::tls::{
    EvidenceVerifier, HandshakeResult, Handshaker, PeerStream, SpiffeVerifier,
};
use otel_core::identity::{Connection, Fingerprint, IdentityTrust, PeerIdentity, SvidViolation};
use otel_core::telemetry::Telemetry;
use rustls::pki_types::ServerName;
use rustls::server::WebPkiClientVerifier;
use rustls::{ClientConfig, ServerConfig};
use testkit::pki::rcgen::date_time_ymd;
use testkit::pki::{Authority, Leaf, client_config, root_store, server_config, server_config_with};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio_rustls::TlsConnector;
use tracing::subscriber::set_default;
use tracing_subscriber::layer::SubscriberExt;

use super::audit::Audit;

const WEB: &str = "spiffe://prod.example.org/ns/shop/sa/web";

fn telemetry() -> Telemetry {
    Telemetry::builder().build().unwrap()
}

/// Shakes hands with a client that shows this certificate.
async fn shake(
    handshaker: &Handshaker,
    client: ClientConfig,
) -> io::Result<PeerStream<DuplexStream>> {
    let (ours, theirs) = duplex(64 * 1024);
    let client = async {
        let name = ServerName::try_from("localhost").unwrap();
        let mut tls = TlsConnector::from(Arc::new(client))
            .connect(name, theirs)
            .await?;
        let _ = tls.write_all(b"hello").await;
        Ok::<_, io::Error>(tls)
    };
    let server = handshaker.accept(ours, Connection::unknown());
    let (server, _client) = tokio::join!(server, client);
    server
}

fn count(telemetry: &Telemetry, result: &str) -> u64 {
    let snapshot = telemetry.registry().collect();
    let family = snapshot.family("tls_server_handshakes").unwrap();
    let wanted = format!("tls_handshake_result=\"{result}\"");
    let series = family
        .series()
        .filter(|series| series.labels().contains(&wanted));
    series
        .filter_map(|series| series.value().as_counter())
        .sum()
}

fn durations(telemetry: &Telemetry) -> u64 {
    let snapshot = telemetry.registry().collect();
    let family = snapshot
        .family("tls_server_handshake_duration_seconds")
        .unwrap();
    let mut series = family.series();
    series
        .next()
        .unwrap()
        .value()
        .as_histogram()
        .unwrap()
        .count()
}

#[tokio::test]
async fn a_refused_certificate_leaves_its_serial_its_issuer_and_the_time() {
    let own = Authority::root("prod.example.org");
    let server = own.svid("spiffe://prod.example.org/server");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let spiffe =
        SpiffeVerifier::builder("prod.example.org".parse().unwrap(), Arc::clone(&provider))
            .add_bundle(&"prod.example.org".parse().unwrap(), root_store(&[&own]))
            .build()
            .unwrap();
    let webpki = WebPkiClientVerifier::builder_with_provider(root_store(&[&own]), provider)
        .build()
        .unwrap();
    let stranger = Authority::root("stranger.example");
    let expired = own.leaf(WEB, |params| params.not_after = date_time_ymd(2001, 1, 1));
    for (config, leaf, result) in [
        (
            server_config_with(&server, EvidenceVerifier::new(webpki)),
            expired.clone(),
            "CERTIFICATE_EXPIRED",
        ),
        (
            server_config_with(&server, Arc::clone(&spiffe) as _),
            expired,
            "CERTIFICATE_EXPIRED",
        ),
        (
            server_config_with(&server, Arc::clone(&spiffe) as _),
            stranger.svid(WEB),
            "CERTIFICATE_AUTHORITY_INVALID",
        ),
        (
            server_config_with(&server, spiffe),
            stranger.svid("spiffe://stranger.example/a"),
            "CERTIFICATE_AUTHORITY_INVALID",
        ),
    ] {
        let telemetry = telemetry();
        let audit = Audit::default();
        let _subscriber = set_default(tracing_subscriber::registry().with(audit.clone()));
        let handshaker = Handshaker::new(&telemetry, Arc::new(config));
        assert!(
            shake(&handshaker, client_config(Some(&leaf)))
                .await
                .is_err()
        );
        let records = audit.records();
        let [record] = &*records else {
            panic!("{records:?}")
        };
        let seen = PeerIdentity::of_chain(&leaf.chain, std::time::UNIX_EPOCH).unwrap();
        assert_eq!(record["message"], "tls_handshake_failed");
        assert_eq!(record["tls.handshake.result"], result);
        assert_eq!(
            record["tls.client_certificate_serial"],
            seen.serial().unwrap()
        );
        assert_eq!(
            record["x509.issuer.hash.sha256"],
            seen.issuer_hash().unwrap().to_string()
        );
        assert_eq!(
            record["cert.fingerprint.sha256"],
            Fingerprint::of(&leaf.chain[0]).to_string()
        );
        assert_eq!(record["peer.spiffe_id"], seen.spiffe_id().unwrap().as_str());
        assert_eq!(record["authz.time"].len(), 30);
        assert_eq!((count(&telemetry, result), durations(&telemetry)), (1, 1));
    }
}

#[tokio::test]
async fn every_end_of_a_handshake_has_its_word() {
    let own = Authority::root("prod.example.org");
    let config = |anonymous| {
        Arc::new(server_config(
            &own.svid("spiffe://prod.example.org/server"),
            &[&own],
            anonymous,
        ))
    };
    let telemetry = telemetry();
    let handshaker = Handshaker::builder(&telemetry, config(false))
        .with_timeout(Duration::from_millis(20))
        .build()
        .unwrap();
    // No certificate.
    assert!(shake(&handshaker, client_config(None)).await.is_err());
    // Not TLS at all.
    let (ours, mut theirs) = duplex(1024);
    theirs
        .write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n")
        .await
        .unwrap();
    let error = handshaker
        .accept(ours, Connection::unknown())
        .await
        .unwrap_err();
    assert_eq!(
        HandshakeResult::of(&error),
        HandshakeResult::UnexpectedMessage
    );
    // Gone.
    let (ours, theirs) = duplex(1024);
    drop(theirs);
    assert!(
        handshaker
            .accept(ours, Connection::unknown())
            .await
            .is_err()
    );
    // Silent.
    let (ours, _theirs) = duplex(1024);
    let error = handshaker
        .accept(ours, Connection::unknown())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    // Given up by whoever waits for it.
    let (ours, _theirs) = duplex(1024);
    let given_up = handshaker.accept(ours, Connection::unknown());
    assert!(
        tokio::time::timeout(Duration::ZERO, given_up)
            .await
            .is_err()
    );
    // And one that goes well.
    let relaxed = Handshaker::new(&telemetry, config(true));
    let mut stream = shake(&relaxed, client_config(None)).await.unwrap();
    assert!(stream.connection().peer().is_none());
    let mut hello = [0; 5];
    stream.read_exact(&mut hello).await.unwrap();
    assert_eq!(&hello, b"hello");
    for (result, expected) in [
        ("CERTIFICATE_VERIFICATION_FAILED", 1),
        ("UNEXPECTED_MESSAGE", 1),
        ("PEER_CONNECTION_CLOSED", 1),
        ("HANDSHAKE_TIMEOUT", 2),
        ("SUCCESS", 1),
        ("UNKNOWN_FAILURE", 0),
    ] {
        assert_eq!(count(&telemetry, result), expected, "{result}");
    }
    let snapshot = telemetry.registry().collect();
    let active = snapshot.family("tls_server_active_handshakes").unwrap();
    assert_eq!(
        active.series().next().unwrap().value().as_up_down_counter(),
        Some(0)
    );
}

#[tokio::test]
async fn under_attack_some_are_written_and_all_are_counted() {
    let own = Authority::root("prod.example.org");
    let config = server_config(
        &own.svid("spiffe://prod.example.org/server"),
        &[&own],
        false,
    );
    let clock = otel_core::clock::ManualClock::new();
    let telemetry = Telemetry::builder().with_clock(clock).build().unwrap();
    let audit = Audit::default();
    let _subscriber = set_default(tracing_subscriber::registry().with(audit.clone()));
    let handshaker = Handshaker::builder(&telemetry, Arc::new(config))
        .with_records_per_second(3)
        .build()
        .unwrap();
    for _ in 0..40 {
        let (ours, theirs) = duplex(1024);
        drop(theirs);
        let _ = handshaker.accept(ours, Connection::unknown()).await;
    }
    // The clock stands still: it is all one second.
    assert_eq!(audit.records().len(), 3);
    assert_eq!(count(&telemetry, "PEER_CONNECTION_CLOSED"), 40);
}

/// A client that has a valid leaf without a SPIFFE ID, and adds what it likes to its chain.
fn with_chain(leaf: &Leaf, more: &[Vec<u8>]) -> Leaf {
    let mut leaf = leaf.clone();
    leaf.chain.extend_from_slice(more);
    leaf
}

#[tokio::test]
async fn an_identity_above_the_leaf_comes_from_the_proven_path_alone() {
    let root = Authority::root("prod.example.org");
    let node = root.intermediate("node", Some("spiffe://prod.example.org/node/7"));
    let plain = root.intermediate("node", None);
    let config = |anonymous: bool| -> Arc<ServerConfig> {
        Arc::new(server_config(
            &root.svid("spiffe://prod.example.org/server"),
            &[&root],
            anonymous,
        ))
    };
    let telemetry = telemetry();
    let proven = Handshaker::builder(&telemetry, config(false))
        .with_issuer_roots(root_store(&[&root]))
        .build()
        .unwrap();
    let leaf_only = Handshaker::new(&telemetry, config(false));
    let peer = async |handshaker: &Handshaker, leaf: &Leaf| {
        let stream = shake(handshaker, client_config(Some(leaf))).await.unwrap();
        Arc::clone(stream.connection().peer().unwrap())
    };
    let honest = node.leaf("", |_| {});
    let known = peer(&proven, &honest).await;
    assert_eq!(
        known.spiffe_id().unwrap().as_str(),
        "spiffe://prod.example.org/node/7"
    );
    assert_eq!(
        (known.trust(), known.chain_depth()),
        (IdentityTrust::Issuer, Some(2))
    );
    assert_eq!(
        known.chain_path(),
        [
            Fingerprint::of(&honest.chain[0]),
            Fingerprint::of(&honest.chain[1])
        ]
    );
    assert!(known.tls().is_some());
    assert_eq!(
        peer(&leaf_only, &honest).await.violation(),
        Some(SvidViolation::NoSpiffeId)
    );
    // Issued by an authority without an ID; the client puts one of the same name, and of its own
    // making, before it. A walk over the presented list would believe that.
    let forged = Authority::root("evil.example")
        .intermediate("node", Some("spiffe://prod.example.org/admin"));
    let mut hostile = plain.leaf("", |_| {});
    hostile
        .chain
        .insert(1, forged.leaf("", |_| {}).chain[1].clone());
    let believed = PeerIdentity::of_chain(&hostile.chain, std::time::UNIX_EPOCH).unwrap();
    assert_eq!(
        believed.spiffe_id().unwrap().path(),
        "/admin",
        "the test would prove nothing otherwise"
    );
    let unbelieved = peer(&proven, &hostile).await;
    assert_eq!(unbelieved.spiffe_id(), None);
    let further = with_chain(&plain.leaf("", |_| {}), &[honest.chain[1].clone()]);
    assert_eq!(peer(&proven, &further).await.spiffe_id(), None);
}
