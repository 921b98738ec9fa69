//! The inventory: a gRPC service whose calls can be asked to go wrong.

use std::error::Error;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::Stream;
use otel_core::identity::Requirement;
use otel_core::identity::tls::TlsListener;
use otel_core::telemetry::Telemetry;
use otel_grpc::GrpcServerLayer;
use otel_grpc::identity::{RequireIdentity, TlsIncoming};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Code, Request, Response, Status};

use crate::trust::Member;
use proto::inventory_server::{Inventory, InventoryServer};
use proto::{Behaviour, GetRequest, Item, StockLevel, WatchRequest};

/// Generated from `proto/inventory.proto`.
pub(crate) mod proto {
    tonic::include_proto!("storefront.inventory.v1");

    /// The same as descriptors, for reflection.
    pub(crate) const DESCRIPTORS: &[u8] =
        include_bytes!(concat!(env!("OUT_DIR"), "/inventory.bin"));
}

/// Longest wait and longest stream a caller may ask for.
const MAX_DELAY: Duration = Duration::from_secs(60);
const MAX_MESSAGES: u32 = 100_000;

/// The methods the server has, so that each is known from its first call on.
const METHODS: [&str; 5] = [
    "storefront.inventory.v1.Inventory/Get",
    "storefront.inventory.v1.Inventory/Watch",
    "grpc.health.v1.Health/Check",
    "grpc.health.v1.Health/Watch",
    "grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
];

/// Serves the inventory; over TLS with the SVID of a workload, if one is given.
pub(crate) async fn serve(
    listener: TcpListener,
    telemetry: Telemetry,
    member: Option<Member>,
    stopped: watch::Receiver<()>,
) {
    if let Err(error) = run(listener, &telemetry, member, stopped).await {
        tracing::error!(error = %error, "the inventory failed");
    }
}

async fn run(
    listener: TcpListener,
    telemetry: &Telemetry,
    member: Option<Member>,
    stopped: watch::Receiver<()>,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let (health, health_service) = tonic_health::server::health_reporter();
    health.set_serving::<InventoryServer<Stock>>().await;
    let reflection = tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(proto::DESCRIPTORS)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        .build_v1()?;
    let layer = GrpcServerLayer::builder(telemetry).with_methods(METHODS);
    let stopped = crate::until_stopped(stopped);
    let Some(member) = member else {
        tonic::transport::Server::builder()
            .layer(layer.build()?)
            .add_service(InventoryServer::new(Stock))
            .add_service(health_service)
            .add_service(reflection)
            .serve_with_incoming_shutdown(TcpListenerStream::new(listener), stopped)
            .await?;
        return Ok(());
    };
    let identify = member.identify(telemetry, None)?;
    let requirement = Requirement::builder(&identify, "inventory")
        .allow(member.other())
        .build()?;
    let config = member.server_config(&[b"h2"], false)?;
    let listener = TlsListener::new(telemetry, listener, Arc::new(config))?;
    tonic::transport::Server::builder()
        .layer(layer.with_identity(&identify).build()?)
        .layer(RequireIdentity::new(requirement))
        .add_service(InventoryServer::new(Stock))
        .add_service(health_service)
        .add_service(reflection)
        .serve_with_incoming_shutdown(TlsIncoming::new(listener), stopped)
        .await?;
    Ok(())
}

/// What is on the shelves: the items `1` to `999` and the `book`.
struct Stock;

impl Stock {
    fn item(sku: &str) -> Option<Item> {
        let number = match sku {
            "book" => 1,
            number => number
                .parse::<u32>()
                .ok()
                .filter(|n| (1..1000).contains(n))?,
        };
        Some(Item {
            sku: sku.to_owned(),
            title: format!("Item {number}"),
            in_stock: number % 17,
        })
    }
}

#[tonic::async_trait]
impl Inventory for Stock {
    type WatchStream = Pin<Box<dyn Stream<Item = Result<StockLevel, Status>> + Send>>;

    #[tracing::instrument(skip_all, fields(sku = %request.get_ref().sku))]
    async fn get(&self, request: Request<GetRequest>) -> Result<Response<Item>, Status> {
        let request = request.into_inner();
        let behaviour = request.behaviour.unwrap_or_default();
        misbehave(behaviour).await?;
        let item = Self::item(&request.sku)
            .ok_or_else(|| Status::not_found(format!("no item {:?}", request.sku)))?;
        tracing::debug!(in_stock = item.in_stock, "looked up");
        Ok(Response::new(item))
    }

    async fn watch(
        &self,
        request: Request<WatchRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        let request = request.into_inner();
        let behaviour = request.behaviour.unwrap_or_default();
        let item = Self::item(&request.sku)
            .ok_or_else(|| Status::not_found(format!("no item {:?}", request.sku)))?;
        let messages = behaviour.messages.min(MAX_MESSAGES);
        // One step more than there are messages: the last step is the end that was asked for.
        let levels = futures_util::stream::unfold(Some(0), move |step| {
            let sku = item.sku.clone();
            let level = item.in_stock;
            async move {
                let step = step?;
                if step < messages {
                    tokio::time::sleep(delay(behaviour)).await;
                    assert!(!(behaviour.panic && step == 1), "asked to panic");
                    let in_stock = level + step;
                    return Some((Ok(StockLevel { sku, in_stock }), Some(step + 1)));
                }
                let failed = status(behaviour)?;
                Some((Err(failed), None))
            }
        });
        Ok(Response::new(Box::pin(levels)))
    }
}

/// Waits, panics or fails, as asked.
async fn misbehave(behaviour: Behaviour) -> Result<(), Status> {
    tokio::time::sleep(delay(behaviour)).await;
    assert!(!behaviour.panic, "asked to panic");
    status(behaviour).map_or(Ok(()), Err)
}

fn delay(behaviour: Behaviour) -> Duration {
    Duration::from_millis(u64::from(behaviour.delay_ms)).min(MAX_DELAY)
}

fn status(behaviour: Behaviour) -> Option<Status> {
    let code = i32::try_from(behaviour.status).unwrap_or(i32::MAX);
    (code != 0).then(|| Status::new(Code::from_i32(code), "asked to fail"))
}
