//! Routes of axum.
//!
//! Applied with `Router::layer`, the layer runs inside the router, where axum has already put the
//! matched route into the request: [`MatchedRoute`] reads it. Applied around the whole router (to
//! cover a fallback, a timeout or a panic catcher), the route is not known when the exchange starts:
//! a [`RouteRecorder`] inside the router tells it, and the span is renamed.
//!
//! ```
//! use axum::{Router, routing::get};
//! use otel_core::telemetry::Telemetry;
//!
//! # fn main() -> Result<(), otel_core::ConfigError> {
//! let telemetry = Telemetry::builder().build()?;
//! let app: Router = Router::new()
//!     .route("/orders/{id}", get(|| async { "an order" }))
//!     .layer(otel_http::axum::server_layer(&telemetry));
//! # let _ = app;
//! # Ok(())
//! # }
//! ```

use std::task::{Context, Poll};

use axum::extract::MatchedPath;
use http::Request;
use otel_core::exchange::{ExchangeContext, ExchangeHandle};
use otel_core::opentelemetry::Context as TelemetryContext;
use otel_core::telemetry::Telemetry;
use tower_layer::Layer;
use tower_service::Service;

use crate::HttpServerLayer;
use crate::route::{RequestHead, RouteSource};
use crate::server::HttpServerBuilder;

/// A server layer with good defaults that knows axum's routes.
pub fn server_layer(telemetry: &Telemetry) -> HttpServerLayer<MatchedRoute> {
    HttpServerBuilder::finish(HttpServerLayer::builder(telemetry).with_route(MatchedRoute))
}

/// Reads the route axum matched. Requests that matched none have none.
#[derive(Clone, Copy, Debug, Default)]
#[expect(
    clippy::exhaustive_structs,
    reason = "a unit struct users name as a value"
)]
pub struct MatchedRoute;

impl RouteSource for MatchedRoute {
    fn route<'a>(&self, request: RequestHead<'a>) -> Option<&'a str> {
        request
            .extensions()
            .get::<MatchedPath>()
            .map(MatchedPath::as_str)
    }
}

/// Tells the matched route to an [`HttpServerLayer`] around the router.
///
/// Apply it with `Router::layer` or `Router::route_layer`.
#[derive(Clone, Copy, Debug, Default)]
#[expect(
    clippy::exhaustive_structs,
    reason = "a unit struct users name as a value"
)]
pub struct RouteRecorder;

impl<S> Layer<S> for RouteRecorder {
    type Service = RecordRoute<S>;

    fn layer(&self, inner: S) -> Self::Service {
        RecordRoute { inner }
    }
}

/// A service that tells its route. Made by [`RouteRecorder`].
#[derive(Clone, Debug)]
pub struct RecordRoute<S> {
    inner: S,
}

impl<S, B> Service<Request<B>> for RecordRoute<S>
where
    S: Service<Request<B>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> S::Future {
        if let Some(route) = MatchedRoute.route(RequestHead::of(&request)) {
            if let Some(handle) = request.extensions().get::<ExchangeHandle>() {
                handle.set_route(route);
            } else {
                TelemetryContext::map_current(|cx| {
                    if let Some(exchange) = ExchangeContext::of(cx) {
                        exchange.set_route(route);
                    }
                });
            }
        }
        self.inner.call(request)
    }
}
