//! An axum service: `GET /chain` through task, stream and gRPC; `GET /ids` says where it is.

use std::error::Error;
use std::net::SocketAddr;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use futures_util::{StreamExt, stream};
use otel_core::context::{Carry, task};
use otel_core::exchange::ExchangeContext;
use otel_core::opentelemetry::Context;
use otel_core::opentelemetry::trace::TraceContextExt;
use otel_core::telemetry::Telemetry;
use otel_grpc::GrpcClientLayer;
use otel_grpc::client::GrpcClient;
use serde_json::{Value, json};
use tonic::transport::{Channel, Endpoint};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;
use tower::Layer;

/// A client of `back` whose calls are exchanges.
type Back = HealthClient<GrpcClient<Channel>>;

pub(crate) fn router(telemetry: &Telemetry, back: SocketAddr) -> Result<Router, Box<dyn Error>> {
    let channel = Endpoint::from_shared(format!("http://{back}"))?.connect_lazy();
    let calls = GrpcClientLayer::builder(telemetry)
        .with_server(back.ip().to_string(), back.port())
        .build()?;
    let router = Router::new()
        .route("/chain", get(chain))
        .route("/ids", get(ids))
        .layer(otel_http::axum::server_layer(telemetry))
        .with_state(HealthClient::new(calls.layer(channel)));
    Ok(router)
}

/// Spawned, streamed, called: each of them would lose the context if nobody carried it.
async fn chain(State(back): State<Back>) -> Result<Json<Value>, StatusCode> {
    let items = stream::iter(["first", "second"]).then(move |item| {
        let mut back = back.clone();
        async move {
            let request = HealthCheckRequest {
                service: item.to_owned(),
            };
            back.check(request).await.map(|_answer| item)
        }
    });
    // The stream has the context of this handler wherever it is polled; the task has its own copy.
    let stream = Box::pin(items.carry());
    let walked = task::spawn(async move { stream.collect::<Vec<_>>().await });
    let answers = walked
        .await
        .map_err(|_panicked| StatusCode::INTERNAL_SERVER_ERROR)?;
    if answers.iter().any(Result::is_err) {
        return Err(StatusCode::BAD_GATEWAY);
    }
    Ok(ids().await)
}

/// What the service takes for its place in the trace.
async fn ids() -> Json<Value> {
    Json(Context::map_current(|cx| {
        let reconstructed = ExchangeContext::of(cx)
            .and_then(ExchangeContext::reconstructed)
            .map(|made| made.source().as_str());
        json!({
            "trace_id": cx.span().span_context().trace_id().to_string(),
            "reconstructed": reconstructed,
        })
    }))
}
