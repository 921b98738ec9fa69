//! A health service inside the server layer that prints how each of its calls ended.
//!
//! What a call asks for is the service it asks about: `slow`, `denied`, `missing`, `panic`, or
//! anything else for an answer at once. Takes the address to listen on.

#![allow(clippy::print_stdout, reason = "a program that prints what it saw")]

use std::error::Error;
use std::pin::Pin;
use std::time::Duration;

use futures_util::stream::{self, Stream};
use otel_core::exchange::{ExchangeEnd, ExchangeObserver};
use otel_core::outcome::Status as CallStatus;
use otel_core::telemetry::Telemetry;
use otel_grpc::{GrpcCall, GrpcServerLayer};
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Request, Response, Status};
use tonic_health::pb::health_server::{Health, HealthServer};
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = std::env::args().nth(1).ok_or("an address to listen on")?;
    let listener = TcpListener::bind(address).await?;
    println!("listening {}", listener.local_addr()?);
    let telemetry = Telemetry::builder().build()?;
    telemetry.observe(Print);
    let layer = GrpcServerLayer::builder(&telemetry)
        .with_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        .with_messages()
        .build()?;
    tonic::transport::Server::builder()
        .layer(layer)
        .add_service(HealthServer::new(AsAsked))
        .serve_with_incoming(TcpListenerStream::new(listener))
        .await?;
    Ok(())
}

/// Prints name, outcome, status, messages sent and received.
struct Print;

impl ExchangeObserver for Print {
    fn on_end(&self, end: &ExchangeEnd<'_>) {
        let status = match end.status() {
            Some(CallStatus::Grpc(code)) => code.as_str(),
            _ => "-",
        };
        let (sent, received) = GrpcCall::traffic_of(end).unwrap_or_default();
        let (sent, received) = (sent.messages(), received.messages());
        println!(
            "{} {} {status} {sent} {received}",
            end.name(),
            end.outcome()
        );
    }
}

struct AsAsked;

async fn answer(request: HealthCheckRequest) -> Result<HealthCheckResponse, Status> {
    match request.service.as_str() {
        "slow" => tokio::time::sleep(Duration::from_secs(60)).await,
        "denied" => return Err(Status::permission_denied("not for you")),
        "missing" => return Err(Status::not_found("no such service")),
        #[expect(clippy::panic, reason = "asked to")]
        "panic" => panic!("asked to"),
        _ => {}
    }
    Ok(HealthCheckResponse { status: 1 })
}

#[tonic::async_trait]
impl Health for AsAsked {
    async fn check(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<HealthCheckResponse>, Status> {
        answer(request.into_inner()).await.map(Response::new)
    }

    type WatchStream = Pin<Box<dyn Stream<Item = Result<HealthCheckResponse, Status>> + Send>>;

    /// Three messages, and then what was asked for.
    async fn watch(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        let asked = request.into_inner();
        let steps = stream::unfold(0, move |step| {
            let asked = asked.clone();
            async move {
                match step {
                    0..3 => Some((Ok(HealthCheckResponse { status: 1 }), step + 1)),
                    3 => Some((Err(answer(asked).await.err()?), step + 1)),
                    _ => None,
                }
            }
        });
        Ok(Response::new(Box::pin(steps)))
    }
}
