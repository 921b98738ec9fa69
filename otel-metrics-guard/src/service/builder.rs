//! How the service is set up.

use std::sync::Arc;

use otel_core::clock::{Clock, SystemClock};
use otel_core::registry::Registry;
use otel_core::resource::Resource;

use super::MetricsService;

/// Builds a [`MetricsService`].
///
/// ```
/// use otel_core::registry::Registry;
/// use otel_core::resource::Resource;
/// use otel_metrics_guard::MetricsService;
///
/// # fn main() -> Result<(), otel_core::ConfigError> {
/// let resource = Resource::builder().with_service_name("shop").build()?;
/// let service = MetricsService::builder(&Registry::new(), &resource)
///     .with_created(true)
///     .build();
/// # let _ = service;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "a builder does nothing until it is built"]
pub struct MetricsServiceBuilder {
    registry: Registry,
    resource: Resource,
    clock: Arc<dyn Clock>,
    gzip: bool,
    created: bool,
}

impl MetricsServiceBuilder {
    pub(super) fn new(registry: &Registry, resource: &Resource) -> Self {
        Self {
            registry: registry.clone(),
            resource: resource.clone(),
            clock: Arc::new(SystemClock::new()),
            gzip: true,
            created: false,
        }
    }

    /// Whether scrapers that ask for gzip get it; they do otherwise. Compressing takes several times as
    /// long as formatting, some 400 KiB of memory while it lasts, and saves four fifths of the bytes or
    /// more. It is not worth it within one machine, or where a proxy does it.
    pub const fn with_gzip(mut self, gzip: bool) -> Self {
        self.gzip = gzip;
        self
    }

    /// Whether OpenMetrics says when counters and histograms began, as `_created`; it does not
    /// otherwise. See [`Exposition::with_created`](crate::exposition::Exposition::with_created).
    pub const fn with_created(mut self, created: bool) -> Self {
        self.created = created;
        self
    }

    /// The clock that scrape timeouts are measured with; the system's otherwise.
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// The service.
    #[must_use]
    pub fn build(self) -> MetricsService {
        MetricsService::from_parts(
            self.registry,
            self.resource,
            self.clock,
            self.gzip,
            self.created,
        )
    }
}
