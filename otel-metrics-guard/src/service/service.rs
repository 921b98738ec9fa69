//! The HTTP service that answers scrapes.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::sync::Arc;
use std::task::{Context, Poll};

use http::header::{ALLOW, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, VARY};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use otel_core::clock::Clock;
use otel_core::registry::Registry;
use otel_core::resource::Resource;
use tower_service::Service;

use super::deadline::Deadline;
use super::{MetricsBody, MetricsServiceBuilder};
use crate::exposition::{Exposition, Negotiated, Selection, prefers_gzip};

/// Answers `GET` and `HEAD` with the series of a registry, whatever the path. Cheap to clone.
///
/// - The format is negotiated by [`Negotiated`], and gzip by `Accept-Encoding`.
/// - `?name[]=` asks for [some families](Selection::from_query) only; a query that asks for too many is
///   answered with `400 Bad Request`.
/// - `X-Prometheus-Scrape-Timeout-Seconds` is kept to, less a tenth of it, or half a second if that is less,
///   for the way: a scrape that cannot begin in time is answered with `503 Service Unavailable`, and one
///   that cannot be finished breaks off with a [`ScrapeError`](crate::ScrapeError).
/// - Other methods are answered with `405 Method Not Allowed`.
///
/// Facts that were [added late](Resource::add_late) to the resource appear in `target_info` from the next
/// scrape on.
///
/// ```
/// use otel_core::registry::Registry;
/// use otel_core::resource::Resource;
/// use otel_metrics_guard::MetricsService;
///
/// # fn main() -> Result<(), otel_core::ConfigError> {
/// let registry = Registry::new();
/// let resource = Resource::builder().with_service_name("shop").build()?;
/// let service = MetricsService::new(&registry, &resource);
/// # let _ = service;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct MetricsService {
    registry: Registry,
    resource: Resource,
    clock: Arc<dyn Clock>,
    gzip: bool,
    created: bool,
}

impl MetricsService {
    /// A service that exposes this registry, and this resource as `target_info`.
    #[must_use]
    pub fn new(registry: &Registry, resource: &Resource) -> Self {
        Self::builder(registry, resource).build()
    }

    /// A builder for what [`new`](Self::new) leaves at its defaults.
    pub fn builder(registry: &Registry, resource: &Resource) -> MetricsServiceBuilder {
        MetricsServiceBuilder::new(registry, resource)
    }

    pub(super) const fn from_parts(
        registry: Registry,
        resource: Resource,
        clock: Arc<dyn Clock>,
        gzip: bool,
        created: bool,
    ) -> Self {
        Self {
            registry,
            resource,
            clock,
            gzip,
            created,
        }
    }

    fn answer<B>(&self, request: &Request<B>) -> Response<MetricsBody> {
        let deadline = Deadline::of_request(request.headers(), &self.clock);
        let is_head = match *request.method() {
            Method::GET => false,
            Method::HEAD => true,
            _ => return not_allowed(),
        };
        let selection = match Selection::from_query(request.uri().query().unwrap_or_default()) {
            Ok(selection) => selection,
            Err(error) => return refusal(StatusCode::BAD_REQUEST, &error.to_string(), is_head),
        };
        let negotiated = Negotiated::from_headers(request.headers());
        let gzip = self.gzip && prefers_gzip(request.headers());
        let body = if is_head {
            MetricsBody::head()
        } else {
            let snapshot = self.registry.collect();
            if deadline.as_ref().is_some_and(Deadline::has_passed) {
                let why = "the registry was not collected within the scrape timeout";
                return refusal(StatusCode::SERVICE_UNAVAILABLE, why, is_head);
            }
            let exposition = Exposition::new(snapshot, &self.resource, negotiated.format())
                .with_selection(selection)
                .with_created(self.created);
            MetricsBody::scrape(exposition, gzip, deadline)
        };
        let mut response = Response::new(body);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, negotiated.content_type());
        headers.insert(VARY, HeaderValue::from_static("Accept, Accept-Encoding"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if gzip {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        response
    }
}

fn not_allowed() -> Response<MetricsBody> {
    let mut response = Response::new(MetricsBody::empty());
    *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
    let allowed = HeaderValue::from_static("GET, HEAD");
    response.headers_mut().insert(ALLOW, allowed);
    response
}

fn refusal(status: StatusCode, why: &str, is_head: bool) -> Response<MetricsBody> {
    let body = if is_head {
        MetricsBody::head()
    } else {
        MetricsBody::message(why)
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    headers.insert(CONTENT_TYPE, plain);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

impl<B> Service<Request<B>> for MetricsService {
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
