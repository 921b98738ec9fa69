//! Real connections over loopback TCP: a tonic server, a bare hyper server, a tonic client.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::uri::PathAndQuery;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::service::TowerToHyperService;
use otel_grpc::GrpcServerLayer;
use otel_grpc::request::RequestBodies;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::AbortHandle;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::client::{Grpc, GrpcService};
use tonic::codegen::{Body, StdError};
use tonic::transport::{Channel, Endpoint, Server};
use tonic::{Code, Status, Streaming};
use tonic_health::pb::health_server::HealthServer;
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};
use tonic_prost::ProstCodec;
use tower::{Layer, service_fn};

use crate::service::Scripted;

/// A server that runs until it is dropped.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    task: AbortHandle,
}

impl Running {
    pub(crate) const fn new(address: SocketAddr, task: AbortHandle) -> Self {
        Self { address, task }
    }

    pub(crate) fn channel(&self) -> Channel {
        channel(self.address)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub(crate) fn channel(address: SocketAddr) -> Channel {
    let endpoint = Endpoint::from_shared(format!("http://{address}")).unwrap();
    endpoint.connect_lazy()
}

/// A tonic server inside the layer, with a timeout of its own if one is given.
pub(crate) async fn serve<R>(
    layer: GrpcServerLayer<R>,
    service: Scripted,
    timeout: Option<Duration>,
) -> Running
where
    R: RequestBodies<tonic::body::Body> + Send + Sync + 'static,
    R::Body: Body<Data = Bytes, Error = Status> + Send + 'static,
{
    let (listener, address) = listen().await;
    let mut server = Server::builder();
    if let Some(timeout) = timeout {
        server = server.timeout(timeout);
    }
    let serving = server
        .layer(layer)
        .add_service(HealthServer::new(service))
        .serve_with_incoming(TcpListenerStream::new(listener));
    let task = tokio::spawn(serving).abort_handle();
    Running { address, task }
}

/// What a server sends that knows nothing of gRPC: a head, a body, and no trailers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bare {
    pub(crate) status: u16,
    /// Sent in the head, as if the body were not to come.
    pub(crate) grpc_status: Option<u8>,
    pub(crate) body: &'static [u8],
}

impl Bare {
    pub(crate) const fn new(status: u16, body: &'static str) -> Self {
        Self {
            status,
            ..Self::of_bytes(body.as_bytes())
        }
    }

    pub(crate) const fn of_bytes(body: &'static [u8]) -> Self {
        Self {
            status: 200,
            grpc_status: None,
            body,
        }
    }
}

/// A server inside the layer that answers every request alike.
pub(crate) async fn serve_bare(layer: GrpcServerLayer, bare: Bare) -> Running {
    let (listener, address) = listen().await;
    let service = layer.layer(service_fn(move |_request: Request<Incoming>| async move {
        let mut response = Response::builder().status(bare.status);
        if let Some(grpc_status) = bare.grpc_status {
            response = response.header("grpc-status", grpc_status.to_string());
        }
        Ok::<_, Infallible>(
            response
                .body(Full::new(Bytes::from_static(bare.body)))
                .unwrap(),
        )
    }));
    let serving = async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let (io, service) = (TokioIo::new(stream), service.clone());
            tokio::spawn(
                hyper::server::conn::http2::Builder::new(TokioExecutor::new())
                    .serve_connection(io, TowerToHyperService::new(service)),
            );
        }
    };
    let task = tokio::spawn(serving).abort_handle();
    Running { address, task }
}

/// An address of this machine where nothing listens.
pub(crate) async fn nowhere() -> SocketAddr {
    listen().await.1
}

async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// What a client sends.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) path: String,
    pub(crate) streams: bool,
    /// Sent as `grpc-timeout`, and kept by the channel too.
    pub(crate) timeout: Option<Duration>,
    /// Messages after which the client goes away.
    pub(crate) enough: Option<usize>,
}

impl Call {
    pub(crate) fn unary(path: &str) -> Self {
        Self {
            path: path.to_owned(),
            streams: false,
            timeout: None,
            enough: None,
        }
    }

    pub(crate) fn stream(path: &str) -> Self {
        Self {
            streams: true,
            ..Self::unary(path)
        }
    }

    /// Makes the call; the status is what tonic tells its caller.
    ///
    /// Each message it reads adds a permit to `read`.
    pub(crate) async fn make<S>(self, service: S, read: Arc<Semaphore>) -> (usize, Code)
    where
        S: GrpcService<tonic::body::Body>,
        S::ResponseBody: Body<Data = Bytes, Error: Into<StdError>> + Send + 'static,
    {
        let mut received = 0;
        let on_message = || {
            received += 1;
            read.add_permits(1);
        };
        let made = self.exchange(service, on_message).await;
        (
            received,
            made.map_or_else(|status| status.code(), |()| Code::Ok),
        )
    }

    async fn exchange<S>(self, service: S, mut on_message: impl FnMut()) -> Result<(), Status>
    where
        S: GrpcService<tonic::body::Body>,
        S::ResponseBody: Body<Data = Bytes, Error: Into<StdError>> + Send + 'static,
    {
        let mut client = Grpc::new(service);
        let ready = client.ready().await;
        ready.map_err(|error| Status::from_error(error.into()))?;
        let path: PathAndQuery = self.path.parse().unwrap();
        let mut request = tonic::Request::new(HealthCheckRequest::default());
        if let Some(timeout) = self.timeout {
            request.set_timeout(timeout);
        }
        let codec = ProstCodec::<HealthCheckRequest, HealthCheckResponse>::default();
        if !self.streams {
            client.unary(request, path, codec).await?;
            on_message();
            return Ok(());
        }
        let response = client.server_streaming(request, path, codec).await?;
        let mut messages: Streaming<HealthCheckResponse> = response.into_inner();
        let mut left = self.enough.unwrap_or(usize::MAX);
        while left > 0 && messages.message().await?.is_some() {
            on_message();
            left -= 1;
        }
        Ok(())
    }
}
