//! The HTTP service that answers scrapes.
//!
//! It answers at once and never fails: collecting the registry takes no lock a measurement would
//! wait for, and formatting is left to the [`MetricsBody`].

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::task::{Context, Poll};

use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, VARY};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use otel_core::registry::Registry;
use otel_core::resource::Resource;
use tower_service::Service;

use crate::MetricsBody;
use crate::exposition::{Exposition, MediaType};

/// Answers `GET` and `HEAD` with the series of a registry, whatever the path. Cheap to clone.
///
/// The format is negotiated by [`MediaType::negotiate`]; other methods are answered with
/// `405 Method Not Allowed`. Facts that were [added late](Resource::add_late) to the resource appear
/// in `target_info` from the next scrape on.
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
}

impl MetricsService {
    /// A service that exposes this registry, and this resource as `target_info`.
    #[must_use]
    pub fn new(registry: &Registry, resource: &Resource) -> Self {
        Self {
            registry: registry.clone(),
            resource: resource.clone(),
        }
    }

    fn answer<B>(&self, request: &Request<B>) -> Response<MetricsBody> {
        let media_type = MediaType::negotiate(request.headers());
        let body = match *request.method() {
            Method::GET => {
                let snapshot = self.registry.collect();
                let format = media_type.format();
                MetricsBody::new(Exposition::new(snapshot, &self.resource, format))
            }
            Method::HEAD => MetricsBody::head(),
            _ => return not_allowed(),
        };
        let mut response = Response::new(body);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, media_type.content_type());
        headers.insert(VARY, HeaderValue::from_static("Accept"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
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
