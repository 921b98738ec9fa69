//! Who called, over every kind of connection tonic has.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use hyper_util::rt::TokioIo;
use otel_core::exchange::ExchangeContext;
use otel_core::identity::tls::TlsListener;
use otel_core::identity::{
    Connection, Federated, Forwards, Identify, Proxy, Requirement, TrustPolicy,
};
use otel_core::opentelemetry::Context as TelemetryContext;
use otel_core::outcome::Outcome;
use otel_grpc::GrpcServerLayer;
use otel_grpc::identity::{RequireIdentity, TlsIncoming, TonicConnections};
use rustls::pki_types::ServerName;
use testkit::Probe;
use testkit::pki::{Authority, Leaf, client_config, server_config};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio_rustls::TlsConnector;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::{TcpListenerStream, UnixListenerStream};
use tonic::transport::server::Connected;
use tonic::transport::{Certificate, Channel, Endpoint, Identity, Server, ServerTlsConfig};
use tonic::{Code, Request, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;
use tonic_health::pb::health_server::HealthServer;
use tower::service_fn;

use crate::service::{Scripted, Step};

const WEB: &str = "spiffe://prod.example.org/ns/shop/sa/web";

struct World {
    own: Authority,
    partner: Authority,
    server: Leaf,
}

impl World {
    fn new() -> Self {
        let own = Authority::root("prod.example.org");
        Self {
            server: own.svid("spiffe://prod.example.org/ns/shop/sa/orders"),
            partner: Authority::root("partner.example.net"),
            own,
        }
    }

    /// tonic's own TLS.
    fn tonic_tls(&self) -> ServerTlsConfig {
        let roots = format!("{}{}", self.own.root_pem(), self.partner.root_pem());
        ServerTlsConfig::new()
            .identity(Identity::from_pem(&self.server.pem, &self.server.key_pem))
            .client_ca_root(Certificate::from_pem(roots))
            .client_auth_optional(true)
    }
}

/// The layers of a server: who called, and who may.
fn layers(probe: &Probe, custom: bool) -> (GrpcServerLayer, RequireIdentity) {
    let policy = TrustPolicy::builder("prod.example.org".parse().unwrap())
        .add_federated(Federated::new(
            "partner.example.net".parse().unwrap(),
            "acme",
        ))
        .add_proxy(Proxy::unix_socket(Forwards::XfccSet))
        .build()
        .unwrap();
    let mut connections = TonicConnections::new(probe.telemetry());
    if custom {
        connections = connections.add_connect_info(|peer: &Tunnel| Connection::tcp(peer.0));
    }
    let identify = Identify::builder(probe.telemetry(), policy)
        .add_source(connections)
        .build();
    let requirement = Requirement::builder(&identify, "health")
        .allow("spiffe://prod.example.org/ns/shop/**".parse().unwrap())
        .allow_alias("acme")
        .build()
        .unwrap();
    let layer = GrpcServerLayer::builder(probe.telemetry())
        .with_identity(&identify)
        .build()
        .unwrap();
    (layer, RequireIdentity::new(requirement))
}

/// The service; its handler must see the peer the span has.
fn service() -> HealthServer<Scripted> {
    let scripted = Scripted::new(&[Step::Message]).on_arrival(|| {
        let seen = TelemetryContext::map_current(|cx| {
            ExchangeContext::of(cx)?.peer()?.spiffe_id().cloned()
        });
        assert!(seen.is_some());
    });
    HealthServer::new(scripted)
}

async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// A channel over TLS that shows a certificate.
fn channel(address: SocketAddr, leaf: Option<&Leaf>) -> Channel {
    let mut config = client_config(leaf);
    config.alpn_protocols = vec![b"h2".to_vec()];
    let connector = TlsConnector::from(Arc::new(config));
    Endpoint::from_static("http://localhost").connect_with_connector_lazy(service_fn(move |_| {
        let connector = connector.clone();
        async move {
            let tcp = TcpStream::connect(address).await?;
            let name = ServerName::try_from("localhost").map_err(io::Error::other)?;
            Ok::<_, io::Error>(TokioIo::new(connector.connect(name, tcp).await?))
        }
    }))
}

async fn check(channel: Channel) -> Result<(), Status> {
    let request = Request::new(HealthCheckRequest::default());
    HealthClient::new(channel).check(request).await.map(|_| ())
}

/// Calls as everybody there is, and looks at what each call left.
async fn callers(world: &World, probe: &mut Probe, address: SocketAddr) {
    let rows = [
        (Some(world.own.svid(WEB)), Code::Ok, Some(WEB)),
        (
            Some(world.partner.svid("spiffe://partner.example.net/pay")),
            Code::Ok,
            Some("spiffe://partner.example.net/pay"),
        ),
        (
            Some(world.own.svid("spiffe://prod.example.org/other")),
            Code::PermissionDenied,
            Some("spiffe://prod.example.org/other"),
        ),
        (
            Some(world.own.leaf("", |_| {})),
            Code::Unauthenticated,
            None,
        ),
        (None, Code::Unauthenticated, None),
    ];
    for (leaf, code, id) in rows {
        let channel = channel(address, leaf.as_ref());
        // The second call is of the same connection.
        for _ in 0..2 {
            let answer = check(channel.clone()).await;
            assert_eq!(
                answer.map_or_else(|status| status.code(), |()| Code::Ok),
                code
            );
            let end = probe.next_end().await.unwrap();
            let expected = if code == Code::Ok {
                Outcome::Ok
            } else {
                Outcome::Denied
            };
            assert_eq!(end.outcome, expected);
            let verdicts = probe.verdicts(&end);
            let attributes = &verdicts.spans.last().unwrap().attributes;
            assert_eq!(attributes.get("peer.spiffe_id").map(String::as_str), id);
            let alias = attributes.get("federated.peer_id").map(String::as_str);
            assert_eq!(
                alias,
                id.filter(|id| id.contains("partner")).map(|_| "acme")
            );
        }
    }
}

#[tokio::test]
async fn over_a_listener_of_ours() {
    let (world, mut probe) = (World::new(), Probe::new());
    let (layer, require) = layers(&probe, false);
    let (tcp, address) = listen().await;
    let mut config = server_config(&world.server, &[&world.own, &world.partner], true);
    config.alpn_protocols = vec![b"h2".to_vec()];
    let listener = TlsListener::new(probe.telemetry(), tcp, Arc::new(config)).unwrap();
    let server = Server::builder()
        .layer(layer)
        .layer(require)
        .add_service(service());
    tokio::spawn(server.serve_with_incoming(TlsIncoming::new(listener)));
    callers(&world, &mut probe, address).await;
}

#[tokio::test]
async fn over_tls_of_tonic() {
    let (world, mut probe) = (World::new(), Probe::new());
    let (layer, require) = layers(&probe, false);
    let (tcp, address) = listen().await;
    let server = Server::builder().tls_config(world.tonic_tls()).unwrap();
    let server = server.layer(layer).layer(require).add_service(service());
    tokio::spawn(server.serve_with_incoming(TcpListenerStream::new(tcp)));
    callers(&world, &mut probe, address).await;
}

#[tokio::test]
async fn over_streams_of_ones_own() {
    let (world, mut probe) = (World::new(), Probe::new());
    let (layer, require) = layers(&probe, true);
    let (tcp, address) = listen().await;
    let server = Server::builder().tls_config(world.tonic_tls()).unwrap();
    let server = server.layer(layer).layer(require).add_service(service());
    let tunnels = TcpListenerStream::new(tcp).map(|tcp| tcp.map(TunnelStream));
    tokio::spawn(server.serve_with_incoming(tunnels));
    callers(&world, &mut probe, address).await;
}

/// What a proxy said of the client of its tunnel.
#[derive(Clone, Debug)]
struct Tunnel(SocketAddr);

struct TunnelStream(TcpStream);

impl Connected for TunnelStream {
    type ConnectInfo = Tunnel;

    fn connect_info(&self) -> Tunnel {
        Tunnel(SocketAddr::from(([192, 0, 2, 7], 4711)))
    }
}

impl AsyncRead for TunnelStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl AsyncWrite for TunnelStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

#[tokio::test]
async fn over_a_unix_socket_a_sidecar_says_who_called() {
    let mut probe = Probe::new();
    let (layer, require) = layers(&probe, false);
    let path = std::env::temp_dir().join(format!("peer-{}.sock", std::process::id()));
    let _ = std::fs::remove_file(&path);
    let listener = UnixListener::bind(&path).unwrap();
    let server = Server::builder()
        .layer(layer)
        .layer(require)
        .add_service(service());
    tokio::spawn(server.serve_with_incoming(UnixListenerStream::new(listener)));
    let socket = path.clone();
    let channel = Endpoint::from_static("http://localhost").connect_with_connector_lazy(
        service_fn(move |_| {
            let socket = socket.clone();
            async move { Ok::<_, io::Error>(TokioIo::new(UnixStream::connect(socket).await?)) }
        }),
    );
    for (header, code) in [
        (
            Some(format!("By=spiffe://prod.example.org/orders;URI={WEB}")),
            Code::Ok,
        ),
        (
            Some("URI=spiffe://prod.example.org/other".to_owned()),
            Code::PermissionDenied,
        ),
        (Some("URI=".to_owned()), Code::Unauthenticated),
        (None, Code::Unauthenticated),
    ] {
        let mut request = Request::new(HealthCheckRequest::default());
        if let Some(header) = &header {
            request
                .metadata_mut()
                .insert("x-forwarded-client-cert", header.parse().unwrap());
        }
        let answer = HealthClient::new(channel.clone()).check(request).await;
        assert_eq!(
            answer.map_or_else(|status| status.code(), |_| Code::Ok),
            code,
            "{header:?}"
        );
        let _ = probe.next_end().await.unwrap();
    }
    let _ = std::fs::remove_file(&path);
}
