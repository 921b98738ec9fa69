//! A service of messages of any size: one method that answers each, one that adds them up.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::stream::{self, Stream, StreamExt};
use http::uri::PathAndQuery;
use otel_grpc::GrpcCall;
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::body::Body;
use tonic::client::{Grpc as Client, GrpcService};
use tonic::codec::CompressionEncoding;
use tonic::codegen::{Body as HttpBody, StdError};
use tonic::server::{Grpc, NamedService};
use tonic::transport::Server;
use tonic::transport::server::Router;
use tonic::{Request, Response, Status, Streaming};
use tonic_health::pb::HealthCheckRequest as Message;
use tonic_prost::ProstCodec;
use tower::{Service, service_fn};

use crate::wire::Running;

/// Answers each message with the same.
pub(crate) const CHAT: &str = "/test.v1.Echo/Chat";
/// Answers the last of many messages.
pub(crate) const LAST: &str = "/test.v1.Echo/Last";
/// What [`CHAT`] does not allow.
pub(crate) const FORBIDDEN: &str = "forbidden";

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Echo {
    pub(crate) compresses: bool,
}

impl NamedService for Echo {
    const NAME: &'static str = "test.v1.Echo";
}

type Answers = Pin<Box<dyn Stream<Item = Result<Message, Status>> + Send>>;

impl<B> Service<http::Request<B>> for Echo
where
    B: HttpBody<Error: Into<StdError> + Send> + Send + 'static,
{
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        let mut grpc = Grpc::new(ProstCodec::<Message, Message>::default());
        if self.compresses {
            grpc = grpc
                .accept_compressed(CompressionEncoding::Gzip)
                .send_compressed(CompressionEncoding::Gzip);
        }
        Box::pin(async move {
            Ok(match request.uri().path() {
                CHAT => grpc.streaming(service_fn(chat), request).await,
                LAST => grpc.client_streaming(service_fn(last), request).await,
                _ => Status::unimplemented("").into_http(),
            })
        })
    }
}

async fn chat(request: Request<Streaming<Message>>) -> Result<Response<Answers>, Status> {
    let call = GrpcCall::of(request.extensions()).cloned();
    let answers = stream::unfold(Some((request.into_inner(), call)), async |state| {
        let (mut messages, call) = state?;
        let message = match messages.message().await {
            Ok(message) => message?,
            Err(status) => return Some((Err(status), None)),
        };
        let is_forbidden = message.service == FORBIDDEN;
        if let Some(call) = &call {
            if is_forbidden {
                call.deny("authorization", "scope");
            } else {
                call.allow("authorization");
            }
        }
        Some(if is_forbidden {
            (Err(Status::permission_denied("no")), None)
        } else {
            (Ok(message), Some((messages, call)))
        })
    });
    Ok(Response::new(Box::pin(answers)))
}

async fn last(request: Request<Streaming<Message>>) -> Result<Response<Message>, Status> {
    let mut messages = request.into_inner();
    let mut last = Message::default();
    while let Some(message) = messages.message().await? {
        last = message;
    }
    Ok(Response::new(last))
}

/// Serves what a router was made of.
pub(crate) async fn serve<L, B>(router: Router<L>) -> Running
where
    L: tower::Layer<tonic::service::Routes> + Clone + Send + 'static,
    L::Service: Service<http::Request<Body>, Response = http::Response<B>> + Clone + Send + 'static,
    <L::Service as Service<http::Request<Body>>>::Future: Send,
    <L::Service as Service<http::Request<Body>>>::Error: Into<StdError> + Send,
    B: HttpBody<Data = bytes::Bytes, Error: Into<StdError>> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = router.serve_with_incoming(TcpListenerStream::new(listener));
    Running::new(address, tokio::spawn(serving).abort_handle())
}

/// Serves [`Echo`] inside a layer.
pub(crate) async fn serve_echo<R>(layer: otel_grpc::GrpcServerLayer<R>, echo: Echo) -> Running
where
    R: otel_grpc::request::RequestBodies<
            Body,
            Body: HttpBody<Data = bytes::Bytes, Error = Status> + Send + 'static,
        > + Send
        + Sync
        + 'static,
{
    serve(Server::builder().layer(layer).add_service(echo)).await
}

pub(crate) fn message(text: &str) -> Message {
    Message {
        service: text.to_owned(),
    }
}

/// Sends messages to [`LAST`] and gives back the answer.
pub(crate) async fn ask_last<S>(
    service: S,
    messages: Vec<Message>,
    compresses: bool,
) -> Result<Message, Status>
where
    S: GrpcService<Body>,
    S::ResponseBody: HttpBody<Data = bytes::Bytes, Error: Into<StdError>> + Send + 'static,
{
    let mut client = client(service).await?;
    if compresses {
        client = client
            .send_compressed(CompressionEncoding::Gzip)
            .accept_compressed(CompressionEncoding::Gzip);
    }
    let request = Request::new(stream::iter(messages));
    let answer = client
        .client_streaming(request, path(LAST), codec())
        .await?;
    Ok(answer.into_inner())
}

/// Opens [`CHAT`] with a stream of messages.
pub(crate) async fn chat_with<S>(
    service: S,
    messages: impl Stream<Item = Message> + Send + 'static,
    prepare: impl FnOnce(&mut Request<()>),
) -> Result<Streaming<Message>, Status>
where
    S: GrpcService<Body>,
    S::ResponseBody: HttpBody<Data = bytes::Bytes, Error: Into<StdError>> + Send + 'static,
{
    let mut prepared = Request::new(());
    prepare(&mut prepared);
    let request = prepared.map(|()| messages.boxed());
    let mut client = client(service).await?;
    let answers = client.streaming(request, path(CHAT), codec()).await?;
    Ok(answers.into_inner())
}

async fn client<S>(service: S) -> Result<Client<S>, Status>
where
    S: GrpcService<Body>,
{
    let mut client = Client::new(service);
    let ready = client.ready().await;
    ready.map_err(|error| Status::from_error(error.into()))?;
    Ok(client)
}

fn path(path: &'static str) -> PathAndQuery {
    PathAndQuery::from_static(path)
}

fn codec() -> ProstCodec<Message, Message> {
    ProstCodec::default()
}
