//! The shop: an axum service on HTTP/1.1 and HTTP/2.

mod echo;
mod faults;
mod orders;
mod outgoing;
mod socket;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::routing::{any, get, post};
use otel_core::identity::{Forwards, tls};
use otel_core::telemetry::Telemetry;
use otel_grpc::GrpcClientLayer;
use otel_http::axum::MatchedRoute;
use otel_http::identity::{TlsListener, make_service};
use otel_http::{HttpClientLayer, HttpServerLayer};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tonic::transport::{Channel, Endpoint};
use tower::Layer;

use crate::inventory::proto::inventory_client::InventoryClient;
use crate::trust::Member;
use outgoing::WebClient;

/// A client of the inventory whose calls are exchanges.
type InventoryCalls = InventoryClient<otel_grpc::client::GrpcClient<Channel>>;

/// What the handlers share.
#[derive(Clone)]
struct Shop {
    inventory: InventoryCalls,
    web: WebClient,
}

/// Serves the shop; over TLS with the SVID of a workload, if one is given.
pub(crate) async fn serve(
    listener: TcpListener,
    telemetry: Telemetry,
    inventory: SocketAddr,
    member: Option<(Member, Option<Option<Forwards>>)>,
    stopped: watch::Receiver<()>,
) {
    let served = run(listener, &telemetry, inventory, member, stopped).await;
    if let Err(error) = served {
        tracing::error!(error = %error, "the shop failed");
    }
}

type Failed = Box<dyn std::error::Error + Send + Sync>;

async fn run(
    listener: TcpListener,
    telemetry: &Telemetry,
    inventory: SocketAddr,
    member: Option<(Member, Option<Option<Forwards>>)>,
    stopped: watch::Receiver<()>,
) -> Result<(), Failed> {
    let member_of = member.as_ref().map(|(member, _)| member);
    let shop = shop(telemetry, inventory, member_of)?;
    let Some((member, xfcc)) = member else {
        let layer = otel_http::axum::server_layer(telemetry);
        axum::serve(listener, router(shop, layer))
            .with_graceful_shutdown(crate::until_stopped(stopped))
            .await?;
        return Ok(());
    };
    let identify = member.identify(telemetry, xfcc.flatten())?;
    identify.workload()?.set_svid(&member.chain()?)?;
    let layer = HttpServerLayer::builder(telemetry)
        .with_route(MatchedRoute)
        .with_tls()
        .with_identity(&identify)
        .build()?;
    let app = router(shop, layer);
    // A proxy on loopback has shaken hands itself, and forwards what it saw.
    if xfcc.is_some() {
        let app = app.into_make_service_with_connect_info::<SocketAddr>();
        axum::serve(listener, app)
            .with_graceful_shutdown(crate::until_stopped(stopped))
            .await?;
        return Ok(());
    }
    let config = member.server_config(&[b"h2", b"http/1.1"], true)?;
    let listener = tls::TlsListener::new(telemetry, listener, Arc::new(config))?;
    axum::serve(TlsListener::new(listener), make_service(app))
        .with_graceful_shutdown(crate::until_stopped(stopped))
        .await?;
    Ok(())
}

fn shop(
    telemetry: &Telemetry,
    inventory: SocketAddr,
    member: Option<&Member>,
) -> Result<Shop, Failed> {
    let scheme = if member.is_some() { "https" } else { "http" };
    let mut endpoint = Endpoint::from_shared(format!("{scheme}://{inventory}"))?;
    if let Some(member) = member {
        endpoint = endpoint.tls_config(member.client_config()?)?;
    }
    let channel = endpoint.connect_lazy();
    let calls = GrpcClientLayer::builder(telemetry)
        .with_server(inventory.ip().to_string(), inventory.port())
        .build()?;
    Ok(Shop {
        inventory: InventoryClient::new(calls.layer(channel)),
        web: outgoing::client(HttpClientLayer::new(telemetry)),
    })
}

fn router(shop: Shop, layer: HttpServerLayer<MatchedRoute>) -> Router {
    Router::new()
        .route("/healthz", get(async || "ok"))
        .route("/orders", post(orders::create))
        .route("/orders/{id}", get(orders::read))
        .route("/slow", get(faults::slow))
        .route("/stream", get(faults::stream))
        .route("/panic", get(faults::panic))
        .route("/fail", get(faults::fail))
        .route("/call", get(outgoing::call))
        .route("/test", post(outgoing::test))
        .route("/echo", get(echo::echo))
        .route("/ws", any(socket::upgrade))
        .layer(layer)
        .with_state(shop)
}
