//! mTLS end to end: who called is on the span, or is denied.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, Request, StatusCode};
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use otel_core::clock::{Clock, ManualClock};
use otel_core::exchange::ExchangeContext;
use otel_core::identity::tls::{self, Handshaker, SpiffeVerifier, SvidResolver};
use otel_core::identity::{
    Federated, Forwards, Identify, Proxy, Requirement, TrustPolicy, UnknownDomain,
};
use otel_core::opentelemetry::Context;
use otel_core::outcome::Outcome;
use otel_http::HttpServerLayer;
use otel_http::identity::{
    PeerAcceptor, RequireIdentity, TlsListener, WithConnection, make_service,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ServerConfig};
use testkit::Probe;
use testkit::pki::rcgen::date_time_ymd;
use testkit::pki::{Authority, Leaf, client_config, root_store, server_config};
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsConnector;
use tower::Service;
use tower_layer::Layer;

const WEB: &str = "spiffe://prod.example.org/ns/shop/sa/web";
const OWN: &str = "prod.example.org";
const PARTNER: &str = "partner.example.net";

/// A trust domain with a server, and one it federates with.
struct World {
    own: Authority,
    partner: Authority,
    server: Leaf,
}

impl World {
    fn new() -> Self {
        let own = Authority::root(OWN);
        Self {
            server: own.svid("spiffe://prod.example.org/ns/shop/sa/orders"),
            partner: Authority::root(PARTNER),
            own,
        }
    }

    fn config(&self) -> ServerConfig {
        server_config(&self.server, &[&self.own, &self.partner], true)
    }
}

fn policy() -> TrustPolicy {
    TrustPolicy::builder(OWN.parse().unwrap())
        .add_federated(Federated::new(PARTNER.parse().unwrap(), "acme"))
        .add_proxy(Proxy::spiffe(
            "spiffe://prod.example.org/edge".parse().unwrap(),
            Forwards::XfccSet,
        ))
        .build()
        .unwrap()
}

fn app(identify: &Identify, telemetry: &otel_core::telemetry::Telemetry) -> Router {
    let requirement = Requirement::builder(identify, "orders")
        .allow("spiffe://prod.example.org/ns/shop/**".parse().unwrap())
        .allow_alias("acme")
        .build()
        .unwrap();
    let guarded = Router::new()
        .route("/orders", get(peer))
        .route_layer(RequireIdentity::new(requirement));
    let layer = HttpServerLayer::builder(telemetry)
        .with_route(otel_http::axum::MatchedRoute)
        .with_identity(identify)
        .build()
        .unwrap();
    Router::new()
        .route("/open", get(peer))
        .merge(guarded)
        .layer(layer)
}

/// What a handler sees of the peer, and of the header a stranger may have sent.
async fn peer(headers: HeaderMap) -> String {
    let forged = headers.contains_key("x-forwarded-client-cert");
    let peer = Context::map_current(|cx| {
        let peer = ExchangeContext::of(cx)?.peer()?;
        Some(peer.spiffe_id()?.to_string())
    });
    format!("{} {forged}", peer.unwrap_or_default())
}

/// Serves over TLS on a port of its own.
async fn serve(probe: &Probe, config: ServerConfig, policy: TrustPolicy) -> std::net::SocketAddr {
    let identify = Identify::new(probe.telemetry(), policy);
    let app = app(&identify, probe.telemetry());
    let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let listener = tls::TlsListener::new(probe.telemetry(), tcp, Arc::new(config)).unwrap();
    let address = listener.local_addr();
    tokio::spawn(async move { axum::serve(TlsListener::new(listener), make_service(app)).await });
    address
}

type Http1 = http1::SendRequest<Empty<Bytes>>;

async fn connect(
    address: std::net::SocketAddr,
    config: &Arc<ClientConfig>,
) -> std::io::Result<Http1> {
    let tcp = TcpStream::connect(address).await?;
    let name = ServerName::try_from("localhost").unwrap();
    let tls = TlsConnector::from(Arc::clone(config))
        .connect(name, tcp)
        .await?;
    let (sender, connection) = http1::handshake(TokioIo::new(tls))
        .await
        .map_err(std::io::Error::other)?;
    tokio::spawn(connection);
    Ok(sender)
}

async fn get_path(
    sender: &mut Http1,
    probe: &Probe,
    path: &str,
    headers: &[(&'static str, &str)],
) -> (StatusCode, String) {
    let mut request = Request::get(path)
        .header("host", "localhost")
        .header("traceparent", probe.traceparent());
    for (name, value) in headers {
        request = request.header(HeaderName::from_static(name), *value);
    }
    let request = request.body(Empty::new()).unwrap();
    let response = sender.send_request(request).await.unwrap();
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn the_caller_is_on_the_span_and_in_the_handler() {
    let (world, mut probe) = (World::new(), Probe::new());
    let address = serve(&probe, world.config(), policy()).await;
    let client = Arc::new(client_config(Some(&world.own.svid(WEB))));
    let mut sender = connect(address, &client).await.unwrap();
    let forged = [(
        "x-forwarded-client-cert",
        "URI=spiffe://prod.example.org/admin",
    )];
    let (status, body) = get_path(&mut sender, &probe, "/orders", &forged).await;
    assert_eq!((status, &*body), (StatusCode::OK, &*format!("{WEB} false")));
    let end = probe.next_end().await.unwrap();
    assert_eq!(end.outcome, Outcome::Ok);
    let span = &probe.verdicts(&end).spans[0];
    for (name, value) in [
        ("peer.spiffe_id", WEB),
        ("peer.trust_domain", OWN),
        ("identity.source", "tls"),
        ("identity.trust", "verified"),
        ("cert.chain.depth", "1"),
        ("tls.resumed", "false"),
        ("tls.protocol.version", "1.3"),
    ] {
        assert_eq!(span.attributes[name], value, "{name}");
    }
    assert!(span.repeated.is_empty(), "{:?}", span.repeated);
    assert!(!span.attributes.contains_key("federated.trust_domain"));
}

#[tokio::test]
async fn who_may_not_is_denied_with_the_status_that_fits() {
    let (world, mut probe) = (World::new(), Probe::new());
    let address = serve(&probe, world.config(), policy()).await;
    for (leaf, path, expected) in [
        (Some(world.own.svid(WEB)), "/orders", StatusCode::OK),
        (
            Some(world.partner.svid("spiffe://partner.example.net/pay")),
            "/orders",
            StatusCode::OK,
        ),
        (
            Some(world.own.svid("spiffe://prod.example.org/ns/other")),
            "/orders",
            StatusCode::FORBIDDEN,
        ),
        (
            Some(world.own.leaf("", |_| {})),
            "/orders",
            StatusCode::UNAUTHORIZED,
        ),
        (None, "/orders", StatusCode::UNAUTHORIZED),
        (None, "/open", StatusCode::OK),
    ] {
        let client = Arc::new(client_config(leaf.as_ref()));
        let mut sender = connect(address, &client).await.unwrap();
        let (status, _) = get_path(&mut sender, &probe, path, &[]).await;
        assert_eq!(status, expected);
        let end = probe.next_end().await.unwrap();
        let denied = end.outcome == Outcome::Denied;
        assert_eq!(denied, expected != StatusCode::OK);
    }
    let decided = |decision: &str, reason: &str| {
        let wanted = [("authz_decision", decision), ("authz_reason", reason)];
        count(&probe, "authz_decisions", &wanted)
    };
    assert_eq!(decided("allowed", ""), 2);
    assert_eq!(decided("denied", "not_allowed"), 1);
    assert_eq!(decided("denied", "invalid_svid"), 1);
    assert_eq!(decided("denied", "no_identity"), 1);
}

/// The value of a counter with these labels.
fn count(probe: &Probe, family: &str, labels: &[(&str, &str)]) -> u64 {
    let snapshot = probe.telemetry().registry().collect();
    let family = snapshot
        .families()
        .find(|known| known.name().trim_end_matches("_total") == family);
    let series = family.unwrap().series().filter(|series| {
        labels.iter().all(|(name, value)| {
            let mut pairs = series.label_pairs();
            pairs.any(|(known, is)| known == *name && is == *value) || value.is_empty()
        })
    });
    series
        .filter_map(|series| series.value().as_counter())
        .sum()
}

#[tokio::test]
async fn an_identity_expires_on_a_living_http2_connection() {
    let world = World::new();
    let clock = Arc::new(ManualClock::new());
    let mut probe = Probe::with(|builder| builder.with_clock(Shared(Arc::clone(&clock))));
    let mut config = world.config();
    config.alpn_protocols = vec![b"h2".to_vec()];
    let address = serve(&probe, config, policy()).await;
    let leaf = world
        .own
        .leaf(WEB, |params| params.not_after = date_time_ymd(2100, 1, 1));
    let mut client = client_config(Some(&leaf));
    client.alpn_protocols = vec![b"h2".to_vec()];
    let tcp = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let tls = TlsConnector::from(Arc::new(client))
        .connect(name, tcp)
        .await
        .unwrap();
    let (mut sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(tls))
        .await
        .unwrap();
    tokio::spawn(connection);
    let mut ask = async || {
        let request = Request::get("https://localhost/orders")
            .body(Empty::<Bytes>::new())
            .unwrap();
        sender.send_request(request).await.unwrap().status()
    };
    assert_eq!(ask().await, StatusCode::OK);
    assert_eq!(probe.next_end().await.unwrap().outcome, Outcome::Ok);
    // The year 2100 is over; the connection is the same.
    clock.set_wall(std::time::UNIX_EPOCH + Duration::from_secs(4_200_000_000));
    assert_eq!(ask().await, StatusCode::UNAUTHORIZED);
    let end = probe.next_end().await.unwrap();
    assert_eq!(end.outcome, Outcome::Denied);
    assert_eq!(
        count(&probe, "authz_decisions", &[("authz_reason", "expired")]),
        1
    );
}

#[derive(Debug)]
struct Shared(Arc<ManualClock>);

impl Clock for Shared {
    fn now(&self) -> std::time::Instant {
        self.0.now()
    }

    fn wall(&self) -> std::time::SystemTime {
        self.0.wall()
    }
}

#[tokio::test]
async fn a_resumed_session_says_so() {
    let (world, mut probe) = (World::new(), Probe::new());
    let address = serve(&probe, world.config(), policy()).await;
    let client = Arc::new(client_config(Some(&world.own.svid(WEB))));
    let mut seen = Vec::new();
    for _ in 0..2 {
        let mut sender = connect(address, &client).await.unwrap();
        let (status, body) = get_path(&mut sender, &probe, "/orders", &[]).await;
        assert_eq!((status, &*body), (StatusCode::OK, &*format!("{WEB} false")));
        let end = probe.next_end().await.unwrap();
        let spans = probe.verdicts(&end).spans;
        seen.push(spans.last().unwrap().attributes["tls.resumed"].clone());
    }
    assert_eq!(seen, ["false", "true"]);
    let resumed = [
        ("tls_handshake_result", "SUCCESS"),
        ("tls_handshake_resumed", "RESUMED_HANDSHAKE"),
    ];
    assert_eq!(count(&probe, "tls_server_handshakes", &resumed), 1);
}

#[tokio::test]
async fn silent_clients_keep_nobody_waiting() {
    let (world, probe) = (World::new(), Probe::new());
    let identify = Identify::new(probe.telemetry(), policy());
    let app = app(&identify, probe.telemetry());
    let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let handshaker = Handshaker::builder(probe.telemetry(), Arc::new(world.config()))
        .with_timeout(Duration::from_secs(3600))
        .build()
        .unwrap();
    let listener = tls::TlsListener::builder(tcp, handshaker)
        .with_max_handshakes(4.try_into().unwrap())
        .listen()
        .unwrap();
    let address = listener.local_addr();
    tokio::spawn(async move { axum::serve(TlsListener::new(listener), make_service(app)).await });
    // More of them than there may be handshakes, and each would have an hour.
    let mut silent = Vec::new();
    for _ in 0..12 {
        silent.push(TcpStream::connect(address).await.unwrap());
        let client = Arc::new(client_config(Some(&world.own.svid(WEB))));
        let mut sender = connect(address, &client).await.unwrap();
        assert_eq!(
            get_path(&mut sender, &probe, "/orders", &[]).await.0,
            StatusCode::OK
        );
    }
    // The oldest were given up for the newer ones.
    assert_eq!(silent[0].read(&mut [0; 1]).await.unwrap_or(0), 0);
    assert!(
        count(
            &probe,
            "tls_server_handshakes",
            &[("tls_handshake_result", "HANDSHAKE_TIMEOUT")]
        ) >= 8
    );
    let succeeded = [("tls_handshake_result", "SUCCESS")];
    assert_eq!(count(&probe, "tls_server_handshakes", &succeeded), 12);
}

#[tokio::test]
async fn a_bundle_vouches_for_its_own_domain_alone() {
    let (world, probe) = (World::new(), Probe::new());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = SpiffeVerifier::builder(OWN.parse().unwrap(), provider)
        .add_bundle(&OWN.parse().unwrap(), root_store(&[&world.own]))
        .add_bundle(&PARTNER.parse().unwrap(), root_store(&[&world.partner]))
        .build()
        .unwrap();
    let config = testkit::pki::server_config_with(&world.server, Arc::clone(&verifier) as _);
    let address = serve(&probe, config, policy()).await;
    let ask = async |leaf: Leaf| {
        let client = Arc::new(client_config(Some(&leaf)));
        let mut sender = connect(address, &client).await.ok()?;
        let request = Request::get("/orders")
            .header("host", "localhost")
            .body(Empty::<Bytes>::new());
        Some(sender.send_request(request.unwrap()).await.ok()?.status())
    };
    assert_eq!(ask(world.own.svid(WEB)).await, Some(StatusCode::OK));
    assert_eq!(
        ask(world.partner.svid("spiffe://partner.example.net/pay")).await,
        Some(StatusCode::OK)
    );
    // The partner's authority issues an identity of ours.
    assert_eq!(ask(world.partner.svid(WEB)).await, None);
    assert_eq!(
        ask(world
            .own
            .leaf(WEB, |params| params.not_after = date_time_ymd(2001, 1, 1)))
        .await,
        None
    );
    // An empty bundle revokes everybody.
    verifier
        .set_bundle(&PARTNER.parse().unwrap(), rustls::RootCertStore::empty())
        .unwrap();
    assert_eq!(
        ask(world.partner.svid("spiffe://partner.example.net/pay")).await,
        None
    );
    for (result, expected) in [
        ("CERTIFICATE_AUTHORITY_INVALID", 2),
        ("CERTIFICATE_EXPIRED", 1),
        ("SUCCESS", 2),
    ] {
        let labels = [("tls_handshake_result", result)];
        assert_eq!(
            count(&probe, "tls_server_handshakes", &labels),
            expected,
            "{result}"
        );
    }
}

#[tokio::test]
async fn svids_of_both_sides_change_under_load() {
    let (world, probe) = (World::new(), Probe::new());
    let parts = |leaf: &Leaf| {
        let chain = leaf
            .chain
            .iter()
            .cloned()
            .map(CertificateDer::from)
            .collect();
        let key = PrivateKeyDer::try_from(leaf.key.clone()).unwrap();
        (chain, key)
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let (chain, key) = parts(&world.server);
    let resolver = SvidResolver::new(Arc::clone(&provider), chain, key).unwrap();
    let verifier = SpiffeVerifier::builder(OWN.parse().unwrap(), Arc::clone(&provider))
        .add_bundle(&OWN.parse().unwrap(), root_store(&[&world.own]))
        .build()
        .unwrap();
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(Arc::clone(&verifier) as _)
        .with_cert_resolver(Arc::clone(&resolver) as _);
    let address = serve(&probe, config, policy()).await;
    // Each round has another root beside the old ones, and clients of the old and the new one.
    let mut roots = vec![Authority::root(OWN)];
    for round in 0..6 {
        let authority = roots.last().unwrap();
        let all: Vec<_> = roots.iter().chain([&world.own]).collect();
        verifier
            .set_bundle(&OWN.parse().unwrap(), root_store(&all))
            .unwrap();
        let mut clients = tokio::task::JoinSet::new();
        for issuer in [&world.own, authority] {
            let client = Arc::new(client_config(Some(&issuer.svid(WEB))));
            for _ in 0..8 {
                let client = Arc::clone(&client);
                clients.spawn(async move {
                    let mut sender = connect(address, &client).await.unwrap();
                    let request = Request::get("/orders").header("host", "localhost");
                    let request = request.body(Empty::<Bytes>::new()).unwrap();
                    sender.send_request(request).await.unwrap().status()
                });
            }
        }
        // In the middle of it the server takes another SVID.
        let next = authority.svid("spiffe://prod.example.org/ns/shop/sa/orders");
        let (chain, key) = parts(&next);
        resolver.set(chain, key).unwrap();
        for status in clients.join_all().await {
            assert_eq!(status, StatusCode::OK, "round {round}");
        }
        roots.push(Authority::root(OWN));
    }
    assert_eq!(
        count(&probe, "authz_decisions", &[("authz_decision", "allowed")]),
        96
    );
}

#[tokio::test]
async fn axum_server_leaves_the_peer_too() {
    let (world, mut probe) = (World::new(), Probe::new());
    let identify = Identify::new(probe.telemetry(), policy());
    let app = app(&identify, probe.telemetry());
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let handshaker = Handshaker::new(probe.telemetry(), Arc::new(world.config()));
    let server = axum_server::from_tcp(listener).unwrap();
    let server = server.acceptor(PeerAcceptor::new(handshaker));
    tokio::spawn(server.serve(app.into_make_service()));
    let client = Arc::new(client_config(Some(&world.own.svid(WEB))));
    let mut sender = connect(address, &client).await.unwrap();
    let (status, body) = get_path(&mut sender, &probe, "/orders", &[]).await;
    assert_eq!((status, &*body), (StatusCode::OK, &*format!("{WEB} false")));
    assert_eq!(probe.next_end().await.unwrap().outcome, Outcome::Ok);
}

#[tokio::test]
async fn hyper_alone_and_a_forwarded_caller() {
    let (world, mut probe) = (World::new(), Probe::new());
    let identify = Identify::new(probe.telemetry(), policy());
    let app = app(&identify, probe.telemetry());
    let handshaker = Handshaker::new(probe.telemetry(), Arc::new(world.config()));
    let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = tcp.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((tcp, remote)) = tcp.accept().await {
            let (handshaker, app) = (handshaker.clone(), app.clone());
            tokio::spawn(async move {
                let connection = otel_core::identity::Connection::tcp(remote);
                let stream = handshaker.accept(tcp, connection).await.unwrap();
                let service = WithConnection::new(app, stream.connection().clone());
                let service = hyper_util::service::TowerToHyperService::new(service);
                let http = hyper::server::conn::http1::Builder::new();
                let _ = http.serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    let edge = Arc::new(client_config(Some(
        &world.own.svid("spiffe://prod.example.org/edge"),
    )));
    let xfcc = format!("By=spiffe://prod.example.org/edge;URI={WEB}");
    for (header, expected, source) in [
        (&*xfcc, StatusCode::OK, Some("xfcc")),
        // Of another proxy than the one that is connected.
        (
            "By=spiffe://prod.example.org/other;URI=spiffe://prod.example.org/ns/shop/a",
            StatusCode::FORBIDDEN,
            None,
        ),
        ("By=\"", StatusCode::UNAUTHORIZED, None),
    ] {
        let mut sender = connect(address, &edge).await.unwrap();
        let headers = [("x-forwarded-client-cert", header)];
        let (status, _) = get_path(&mut sender, &probe, "/orders", &headers).await;
        assert_eq!(status, expected, "{header}");
        let end = probe.next_end().await.unwrap();
        let spans = probe.verdicts(&end).spans;
        let attributes = &spans.last().unwrap().attributes;
        assert_eq!(
            attributes.get("identity.source").map(String::as_str),
            source
        );
        if source.is_some() {
            assert_eq!(attributes["peer.spiffe_id"], WEB);
            assert_eq!(attributes["identity.trust"], "asserted");
            assert_eq!(
                attributes["identity.asserted_by"],
                "spiffe://prod.example.org/edge"
            );
        }
    }
    assert_eq!(
        count(
            &probe,
            "identity_mismatch",
            &[("identity_mismatch_kind", "forwarded_by")]
        ),
        1
    );
}

#[tokio::test]
async fn a_request_in_early_data_is_sent_back() {
    let (world, probe) = (World::new(), Probe::new());
    let mut config = world.config();
    config.max_early_data_size = 16 * 1024;
    let address = serve(&probe, config, policy()).await;
    let mut client = client_config(Some(&world.own.svid(WEB)));
    client.enable_early_data = true;
    let client = Arc::new(client);
    let request = "GET /orders HTTP/1.1\r\nhost: localhost\r\n\r\n";
    let mut answers = Vec::new();
    for early in [false, true] {
        // Blocking: rustls itself sends early data, on a thread of its own.
        let (client, request) = (Arc::clone(&client), request.to_owned());
        let answer = tokio::task::spawn_blocking(move || raw(address, client, &request, early));
        answers.push(answer.await.unwrap());
    }
    assert_eq!(answers, [["200", "200"], ["425", "200"]]);
    assert_eq!(
        count(&probe, "authz_decisions", &[("authz_reason", "early_data")]),
        1
    );
}

/// Two requests on one connection, the first one in early data if so; their status codes.
fn raw(
    address: std::net::SocketAddr,
    client: Arc<ClientConfig>,
    request: &str,
    early: bool,
) -> [String; 2] {
    use std::io::{Read, Write};

    let name = ServerName::try_from("localhost").unwrap();
    let mut session = rustls::ClientConnection::new(client, name).unwrap();
    let mut tcp = std::net::TcpStream::connect(address).unwrap();
    if early {
        let mut data = session
            .early_data()
            .expect("a ticket that allows early data");
        assert_eq!(data.write(request.as_bytes()).unwrap(), request.len());
    }
    let mut statuses = [String::new(), String::new()];
    for (number, status) in statuses.iter_mut().enumerate() {
        let mut stream = rustls::Stream::new(&mut session, &mut tcp);
        if number > 0 || !early {
            stream.write_all(request.as_bytes()).unwrap();
        }
        stream.flush().unwrap();
        let mut text = Vec::new();
        while !is_whole(&text) {
            let mut byte = [0; 1];
            stream.read_exact(&mut byte).unwrap();
            text.push(byte[0]);
        }
        *status = String::from_utf8_lossy(&text[9..12]).into_owned();
        if early && number == 0 {
            assert!(session.is_early_data_accepted());
        }
    }
    statuses
}

/// A response with a length is over after that many bytes.
fn is_whole(text: &[u8]) -> bool {
    let text = String::from_utf8_lossy(text).to_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    length.is_some_and(|length| length.parse() == Ok(body.len()))
}

#[tokio::test]
async fn unknown_domains_pass_only_where_the_policy_watches() {
    let (world, mut probe) = (World::new(), Probe::new());
    let stranger = Authority::root("stranger.example");
    let svid = stranger.svid("spiffe://stranger.example/a");
    for (unknown, expected) in [
        (UnknownDomain::Deny, "unknown_trust_domain"),
        (UnknownDomain::Observe, "not_allowed"),
    ] {
        let config = server_config(&world.server, &[&world.own, &stranger], true);
        let policy = TrustPolicy::builder(OWN.parse().unwrap())
            .with_unknown_domain(unknown)
            .build()
            .unwrap();
        let address = serve(&probe, config, policy).await;
        let mut sender = connect(address, &Arc::new(client_config(Some(&svid))))
            .await
            .unwrap();
        let (status, _) = get_path(&mut sender, &probe, "/orders", &[]).await;
        assert_eq!(status, StatusCode::FORBIDDEN);
        let end = probe.next_end().await.unwrap();
        let spans = probe.verdicts(&end).spans;
        assert_eq!(
            spans.last().unwrap().attributes["federated.trust_domain"],
            "stranger.example"
        );
        assert_eq!(
            count(&probe, "authz_decisions", &[("authz_reason", expected)]),
            1
        );
    }
}

#[tokio::test]
async fn a_second_layer_does_not_ask_again() {
    let probe = Probe::new();
    let identify = Identify::new(probe.telemetry(), policy());
    let layer = HttpServerLayer::builder(probe.telemetry())
        .with_identity(&identify)
        .build()
        .unwrap();
    let inner = tower::service_fn(|_: Request<Empty<Bytes>>| async {
        Ok::<_, std::convert::Infallible>(http::Response::new(Empty::<Bytes>::new()))
    });
    let mut service = layer.layer(layer.layer(inner));
    service.call(Request::new(Empty::new())).await.unwrap();
    assert_eq!(
        count(&probe, "identity_extract", &[("identity_result", "absent")]),
        1
    );
}
