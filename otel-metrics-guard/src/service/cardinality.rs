//! The HTTP service that says what the guard did.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::task::{Context, Poll};

use http::header::{ACCEPT, ALLOW, CACHE_CONTROL, CONTENT_TYPE, VARY};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use otel_core::registry::Registry;
use tower_service::Service;

use super::MetricsBody;

/// Answers `GET` and `HEAD` with the [report](Registry::report) of a registry, whatever the path: what
/// folds, what grows, and the line of policy against it. Usually at `/debug/cardinality`.
///
/// JSON if `Accept` names `application/json`, otherwise text. No label value is in either. The answer is
/// made as a whole, so put this where only you can reach it.
///
/// ```
/// use otel_core::registry::Registry;
/// use otel_metrics_guard::CardinalityService;
///
/// let service = CardinalityService::new(&Registry::new());
/// # let _ = service;
/// ```
#[derive(Clone, Debug)]
pub struct CardinalityService {
    registry: Registry,
}

impl CardinalityService {
    /// A service that reports on this registry.
    #[must_use]
    pub fn new(registry: &Registry) -> Self {
        Self {
            registry: registry.clone(),
        }
    }

    fn answer<B>(&self, request: &Request<B>) -> Response<MetricsBody> {
        let is_head = *request.method() == Method::HEAD;
        if !is_head && *request.method() != Method::GET {
            let mut response = Response::new(MetricsBody::empty());
            *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
            let allowed = HeaderValue::from_static("GET, HEAD");
            response.headers_mut().insert(ALLOW, allowed);
            return response;
        }
        let json = wants_json(request.headers());
        let body = if is_head {
            MetricsBody::head()
        } else {
            let report = self.registry.report();
            MetricsBody::message(&if json {
                report.to_json()
            } else {
                report.to_string()
            })
        };
        let kind = if json {
            "application/json"
        } else {
            "text/plain; charset=utf-8"
        };
        let mut response = Response::new(body);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        headers.insert(VARY, HeaderValue::from_static("Accept"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

fn wants_json(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(ACCEPT).iter();
    let mut ranges = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','));
    ranges.any(|range| {
        let name = range.split(';').next().unwrap_or_default();
        name.trim().eq_ignore_ascii_case("application/json")
    })
}

impl<B> Service<Request<B>> for CardinalityService {
    type Response = Response<MetricsBody>;
    type Error = Infallible;
    type Future = Ready<Result<Response<MetricsBody>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        ready(Ok(self.answer(&request)))
    }
}
