//! The shop: an axum service on HTTP/1.1 and HTTP/2.

mod echo;
mod faults;
mod orders;
mod outgoing;
mod socket;

use std::net::SocketAddr;

use axum::Router;
use axum::routing::{any, get, post};
use otel_core::telemetry::Telemetry;
use otel_grpc::GrpcClientLayer;
use otel_http::HttpClientLayer;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tonic::transport::{Channel, Endpoint};
use tower::Layer;

use crate::inventory::proto::inventory_client::InventoryClient;
use outgoing::WebClient;

/// A client of the inventory whose calls are exchanges.
type InventoryCalls = InventoryClient<otel_grpc::client::GrpcClient<Channel>>;

/// What the handlers share.
#[derive(Clone)]
struct Shop {
    inventory: InventoryCalls,
    web: WebClient,
}

pub(crate) async fn serve(
    listener: TcpListener,
    telemetry: Telemetry,
    inventory: SocketAddr,
    stopped: watch::Receiver<()>,
) {
    let shop = match shop(&telemetry, inventory) {
        Ok(shop) => shop,
        Err(error) => {
            tracing::error!(error = %error, "the shop cannot reach its inventory");
            return;
        }
    };
    let served = axum::serve(listener, router(shop, &telemetry))
        .with_graceful_shutdown(crate::until_stopped(stopped))
        .await;
    if let Err(error) = served {
        tracing::error!(error = %error, "the shop failed");
    }
}

fn shop(
    telemetry: &Telemetry,
    inventory: SocketAddr,
) -> Result<Shop, Box<dyn std::error::Error + Send + Sync>> {
    let endpoint = Endpoint::from_shared(format!("http://{inventory}"))?;
    let calls = GrpcClientLayer::builder(telemetry)
        .with_endpoint(&endpoint)
        .with_native_metrics()
        .build()?;
    Ok(Shop {
        inventory: InventoryClient::new(calls.layer(endpoint.connect_lazy())),
        web: outgoing::client(HttpClientLayer::new(telemetry)),
    })
}

fn router(shop: Shop, telemetry: &Telemetry) -> Router {
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
        .layer(otel_http::axum::server_layer(telemetry))
        .with_state(shop)
}
