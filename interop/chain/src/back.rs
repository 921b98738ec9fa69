//! A tonic service: each check is a call on to the next service, over HTTP.

use std::pin::Pin;

use axum::body::Body;
use bytes::Bytes;
use futures_util::Stream;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use otel_core::telemetry::Telemetry;
use otel_grpc::GrpcServerLayer;
use otel_http::HttpClientLayer;
use otel_http::client::HttpClient;
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Request, Response, Status};
use tonic_health::pb::health_server::{Health, HealthServer};
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};
use tower::{Layer, ServiceExt};

struct Back {
    web: HttpClient<Client<HttpConnector, Full<Bytes>>>,
    next: String,
}

pub(crate) async fn serve(listener: TcpListener, telemetry: Telemetry, next: String) {
    let client = Client::builder(TokioExecutor::new()).build_http();
    let back = Back {
        web: HttpClientLayer::new(&telemetry).layer(client),
        next,
    };
    let served = tonic::transport::Server::builder()
        .layer(GrpcServerLayer::new(&telemetry))
        .add_service(HealthServer::new(back))
        .serve_with_incoming(TcpListenerStream::new(listener))
        .await;
    if let Err(error) = served {
        eprintln!("back failed: {error}");
    }
}

#[tonic::async_trait]
impl Health for Back {
    async fn check(
        &self,
        _request: Request<HealthCheckRequest>,
    ) -> Result<Response<HealthCheckResponse>, Status> {
        let unreachable = |error: &dyn std::fmt::Display| Status::unavailable(error.to_string());
        let request = http_request(&self.next).map_err(|error| unreachable(&error))?;
        let response = self.web.clone().oneshot(request).await;
        let response = response.map_err(|error| unreachable(&error))?;
        let is_success = response.status().is_success();
        let body = Body::new(response.into_body()).collect().await;
        body.map_err(|error| unreachable(&error))?;
        match is_success {
            true => Ok(Response::new(HealthCheckResponse { status: 1 })),
            false => Err(Status::unavailable("the next service refused")),
        }
    }

    type WatchStream = Pin<Box<dyn Stream<Item = Result<HealthCheckResponse, Status>> + Send>>;

    async fn watch(
        &self,
        _request: Request<HealthCheckRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        Err(Status::unimplemented("the chain only checks"))
    }
}

fn http_request(url: &str) -> Result<axum::http::Request<Full<Bytes>>, axum::http::Error> {
    axum::http::Request::get(url).body(Full::default())
}
