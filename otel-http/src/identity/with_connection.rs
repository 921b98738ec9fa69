//! Leaves the connection with each of its requests.

use std::task::{Context, Poll};

use http::Request;
use otel_core::identity::Connection;
use tower_service::Service;

/// A service of one connection, which every request then has among its extensions.
#[derive(Clone, Debug)]
pub struct WithConnection<S> {
    inner: S,
    connection: Connection,
}

impl<S> WithConnection<S> {
    /// The service of a connection.
    pub const fn new(inner: S, connection: Connection) -> Self {
        Self { inner, connection }
    }
}

impl<S, A> Service<Request<A>> for WithConnection<S>
where
    S: Service<Request<A>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<A>) -> S::Future {
        request.extensions_mut().insert(self.connection.clone());
        self.inner.call(request)
    }
}
