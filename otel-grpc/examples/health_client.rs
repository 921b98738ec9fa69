//! Asks a health service through the client layer and prints how each call ended.
//!
//! Takes the URI of the server and what to do: `METHOD SERVICE [MILLISECONDS]`, for example
//! `http://127.0.0.1:50051 Check slow 100`.

#![allow(clippy::print_stdout, reason = "a program that prints what it saw")]

use std::error::Error;
use std::time::Duration;

use otel_core::exchange::{ExchangeEnd, ExchangeObserver};
use otel_core::outcome::Status as CallStatus;
use otel_core::telemetry::Telemetry;
use otel_grpc::{GrpcCall, GrpcClientLayer};
use tonic::Request;
use tonic::transport::Endpoint;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;
use tower::Layer;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [uri, method, service, rest @ ..] = arguments.as_slice() else {
        return Err("URI METHOD SERVICE [MILLISECONDS]".into());
    };
    let telemetry = Telemetry::builder().build()?;
    telemetry.observe(Print);
    let endpoint = Endpoint::from_shared(uri.clone())?;
    let layer = GrpcClientLayer::builder(&telemetry)
        .with_endpoint(&endpoint)
        .with_boxed_messages()
        .build()?;
    let mut client = HealthClient::new(layer.layer(endpoint.connect_lazy()));
    let mut request = Request::new(HealthCheckRequest {
        service: service.clone(),
    });
    if let Some(milliseconds) = rest.first() {
        request.set_timeout(Duration::from_millis(milliseconds.parse()?));
    }
    if method == "Check" {
        let _ = client.check(request).await;
    } else if let Ok(response) = client.watch(request).await {
        let mut messages = response.into_inner();
        while let Ok(Some(_)) = messages.message().await {}
    }
    Ok(())
}

/// Prints outcome, status, error type, messages sent and received.
struct Print;

impl ExchangeObserver for Print {
    fn on_end(&self, end: &ExchangeEnd<'_>) {
        let status = match end.status() {
            Some(CallStatus::Grpc(code)) => code.as_str(),
            _ => "-",
        };
        let (sent, received) = GrpcCall::traffic_of(end).unwrap_or_default();
        println!(
            "{} {status} {} {} {}",
            end.outcome(),
            end.error_type().unwrap_or("-"),
            sent.messages(),
            received.messages()
        );
    }
}
