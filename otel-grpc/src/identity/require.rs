//! Denies calls by who made them.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Request, Response};
use otel_core::identity::{DenyReason, Requirement};
use otel_core::outcome::GrpcCode;
use otel_core::semconv;
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

/// Lets calls pass whose peer meets a [`Requirement`]; answers the others with `UNAUTHENTICATED` or
/// `PERMISSION_DENIED`, and those in TLS early data with `UNAVAILABLE`, for the client to try again.
///
/// Put it inside a [`GrpcServerLayer`](crate::GrpcServerLayer) with the same
/// [`Identify`](otel_core::identity::Identify): the exchange then ends as `denied`.
#[derive(Clone, Debug)]
#[must_use = "a layer does nothing until it is applied to a service"]
pub struct RequireIdentity {
    requirement: Requirement,
}

impl RequireIdentity {
    /// A layer of a requirement.
    pub const fn new(requirement: Requirement) -> Self {
        Self { requirement }
    }
}

impl<S> Layer<S> for RequireIdentity {
    type Service = RequireIdentityService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        RequireIdentityService {
            inner,
            requirement: self.requirement.clone(),
        }
    }
}

/// A service that denies. Made by [`RequireIdentity`].
#[derive(Clone, Debug)]
pub struct RequireIdentityService<S> {
    inner: S,
    requirement: Requirement,
}

impl<S, A, B> Service<Request<A>> for RequireIdentityService<S>
where
    S: Service<Request<A>, Response = Response<B>>,
    B: Default,
{
    type Response = Response<B>;
    type Error = S::Error;
    type Future = RequireFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<A>) -> Self::Future {
        let operation = || {
            let path = request.uri().path();
            let method = path.strip_prefix('/').unwrap_or(path);
            Some((semconv::RPC_METHOD, method.into()))
        };
        match self
            .requirement
            .check(request.extensions(), request.headers(), operation)
        {
            Ok(()) => RequireFuture {
                state: State::Allowed {
                    inner: self.inner.call(request),
                },
            },
            Err(reason) => RequireFuture {
                state: State::Denied { reason },
            },
        }
    }
}

const fn code(reason: DenyReason) -> GrpcCode {
    match reason {
        DenyReason::EarlyData => GrpcCode::Unavailable,
        reason if reason.is_unauthenticated() => GrpcCode::Unauthenticated,
        _ => GrpcCode::PermissionDenied,
    }
}

pin_project! {
    /// The future of a [`RequireIdentityService`].
    pub struct RequireFuture<F> {
        #[pin]
        state: State<F>,
    }
}

pin_project! {
    #[project = Projected]
    enum State<F> {
        Allowed { #[pin] inner: F },
        Denied { reason: DenyReason },
    }
}

impl<F, B, E> Future for RequireFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Default,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().state.project() {
            Projected::Allowed { inner } => inner.poll(cx),
            Projected::Denied { reason } => Poll::Ready(Ok(denied(*reason))),
        }
    }
}

/// A response of headers alone, which carry the status (gRPC over HTTP/2, "Trailers-Only").
fn denied<B: Default>(reason: DenyReason) -> Response<B> {
    let mut response = Response::new(B::default());
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    headers.insert("grpc-status", HeaderValue::from(code(reason) as u16));
    // The caller learns that it was refused, and not by which rule.
    let message = match code(reason) {
        GrpcCode::Unavailable => "send it again after the handshake",
        GrpcCode::Unauthenticated => "an identity is required",
        _ => "not allowed",
    };
    headers.insert("grpc-message", HeaderValue::from_static(message));
    response
}

impl<F> fmt::Debug for RequireFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequireFuture")
            .field("allowed", &matches!(self.state, State::Allowed { .. }))
            .finish_non_exhaustive()
    }
}
