//! Real connections: a hyper server and a hyper client over loopback TCP.

use std::convert::Infallible;
use std::net::SocketAddr;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tower::Service;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wire {
    Http1,
    Http2,
}

/// Serves one connection with the service and tells where.
pub(crate) async fn serve<S, B>(wire: Wire, service: S) -> SocketAddr
where
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Into<Box<dyn std::error::Error + Send + Sync>> + Send + Sync,
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let (io, service) = (TokioIo::new(stream), TowerToHyperService::new(service));
        // Rows end connections in every way; how the server saw it is not what is asserted.
        let _ = match wire {
            Wire::Http1 => {
                hyper::server::conn::http1::Builder::new()
                    .serve_connection(io, service)
                    .with_upgrades()
                    .await
            }
            Wire::Http2 => {
                hyper::server::conn::http2::Builder::new(TokioExecutor::new())
                    .serve_connection(io, service)
                    .await
            }
        };
    });
    address
}

/// What a client does with the response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Client {
    ReadsAll,
    LeavesBeforeHead,
    LeavesAfterFirstFrame,
}

/// Sends one request over a connection of its own and does as told.
pub(crate) async fn request(
    wire: Wire,
    address: SocketAddr,
    request: Request<Empty<Bytes>>,
    client: Client,
    arrived: impl Future<Output = ()>,
) {
    let (response, connection) = send(wire, address, request).await;
    match client {
        Client::ReadsAll => {
            if let Ok(response) = response.await {
                let _ = response.into_body().collect().await;
            }
        }
        Client::LeavesBeforeHead => {
            let pending = tokio::spawn(response);
            arrived.await;
            pending.abort();
        }
        Client::LeavesAfterFirstFrame => {
            if let Ok(Ok(mut response)) = Ok::<_, Infallible>(response.await) {
                let _ = response.body_mut().frame().await;
            }
        }
    }
    connection.abort();
}

type Answer = std::pin::Pin<Box<dyn Future<Output = hyper::Result<Response<Incoming>>> + Send>>;

async fn send(
    wire: Wire,
    address: SocketAddr,
    request: Request<Empty<Bytes>>,
) -> (Answer, JoinHandle<()>) {
    let io = TokioIo::new(TcpStream::connect(address).await.unwrap());
    match wire {
        Wire::Http1 => {
            let (mut sender, connection) = hyper::client::conn::http1::handshake(io).await.unwrap();
            let connection = tokio::spawn(async move {
                let _ = connection.with_upgrades().await;
            });
            let answer = async move { sender.send_request(request).await };
            (Box::pin(answer), connection)
        }
        Wire::Http2 => {
            let executor = TokioExecutor::new();
            let (mut sender, connection) = hyper::client::conn::http2::handshake(executor, io)
                .await
                .unwrap();
            let connection = tokio::spawn(async move {
                let _ = connection.await;
            });
            let answer = async move { sender.send_request(request).await };
            (Box::pin(answer), connection)
        }
    }
}
