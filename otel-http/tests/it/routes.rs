//! Where routes come from, in axum and without it.

use otel_http::route::{RequestHead, RouteSource};

/// The same route for every request.
#[derive(Debug)]
pub(crate) struct Fixed(pub(crate) &'static str);

impl RouteSource for Fixed {
    fn route<'a>(&self, _request: RequestHead<'a>) -> Option<&'a str> {
        Some(self.0)
    }
}
