//! Where the route template of a request comes from.

use std::fmt;

use http::{Extensions, HeaderMap, Method, Request, Uri};

/// The head of a request, whatever its body.
#[derive(Clone, Copy, Debug)]
pub struct RequestHead<'a> {
    method: &'a Method,
    uri: &'a Uri,
    headers: &'a HeaderMap,
    extensions: &'a Extensions,
}

impl<'a> RequestHead<'a> {
    pub(crate) fn of<B>(request: &'a Request<B>) -> Self {
        Self {
            method: request.method(),
            uri: request.uri(),
            headers: request.headers(),
            extensions: request.extensions(),
        }
    }

    /// The method, as sent.
    #[must_use]
    pub const fn method(&self) -> &'a Method {
        self.method
    }

    /// The target, as sent.
    #[must_use]
    pub const fn uri(&self) -> &'a Uri {
        self.uri
    }

    /// The headers.
    #[must_use]
    pub const fn headers(&self) -> &'a HeaderMap {
        self.headers
    }

    /// What earlier layers and the server attached.
    #[must_use]
    pub const fn extensions(&self) -> &'a Extensions {
        self.extensions
    }
}

/// Finds the route template of a request, such as `/orders/{id}`.
///
/// The template becomes a label and a part of the span name. It must come from what the program
/// declares, never from the path of the request: the HTTP conventions forbid the substitution, and
/// any caller could then make a series of every path it can think of.
pub trait RouteSource: fmt::Debug + Send + Sync + 'static {
    /// The template, or `None` while it is not known or where nothing matched.
    fn route<'a>(&self, request: RequestHead<'a>) -> Option<&'a str>;
}

/// No route at the start; an inner layer may tell it later, through
/// [`ExchangeContext::set_route`](otel_core::exchange::ExchangeContext::set_route).
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct NoRoute;

impl RouteSource for NoRoute {
    fn route<'a>(&self, _request: RequestHead<'a>) -> Option<&'a str> {
        None
    }
}
