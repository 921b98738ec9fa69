//! Denies requests by who sent them.

use std::borrow::Cow;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::{Request, Response, StatusCode};
use otel_core::exchange::ExchangeContext;
use otel_core::identity::{DenyReason, Requirement};
use otel_core::opentelemetry::Context as TelemetryContext;
use otel_core::semconv;
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

/// Lets requests pass whose peer meets a [`Requirement`]; answers the others with 401, 403 or 425.
///
/// Put it inside an [`HttpServerLayer`](crate::HttpServerLayer) with the same
/// [`Identify`](otel_core::identity::Identify): the exchange then ends as `denied`. On a router of
/// axum, apply it with `route_layer`, so that the record tells the route.
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
        let checked = self
            .requirement
            .check(request.extensions(), request.headers(), || {
                operation(&request)
            });
        match checked {
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

/// The route where it is known, else the path.
fn operation<A>(request: &Request<A>) -> Option<(&'static str, Cow<'_, str>)> {
    #[cfg(feature = "axum")]
    if let Some(path) = request.extensions().get::<axum::extract::MatchedPath>() {
        return Some((semconv::HTTP_ROUTE, path.as_str().into()));
    }
    let route = TelemetryContext::map_current(|cx| {
        let route = ExchangeContext::of(cx)?.route()?;
        Some(Cow::Owned(route.to_owned()))
    });
    match route {
        Some(route) => Some((semconv::HTTP_ROUTE, route)),
        None => Some((semconv::URL_PATH, request.uri().path().into())),
    }
}

/// The status of a denial. RFC 8470, 5.2: 425 asks the client to send it again after the handshake.
const fn status(reason: DenyReason) -> StatusCode {
    match reason {
        DenyReason::EarlyData => StatusCode::TOO_EARLY,
        reason if reason.is_unauthenticated() => StatusCode::UNAUTHORIZED,
        _ => StatusCode::FORBIDDEN,
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
            Projected::Denied { reason } => {
                let mut response = Response::new(B::default());
                *response.status_mut() = status(*reason);
                Poll::Ready(Ok(response))
            }
        }
    }
}

impl<F> fmt::Debug for RequireFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequireFuture")
            .field("allowed", &matches!(self.state, State::Allowed { .. }))
            .finish_non_exhaustive()
    }
}
