//! How a provider is set up.

use otel_core::registry::{Buckets, Registry};

use super::MeterProvider;
use crate::recorder::BucketRules;

/// Builds a [`MeterProvider`].
///
/// ```
/// use opentelemetry::metrics::MeterProvider as _;
/// use otel_core::registry::{Buckets, Registry};
/// use otel_metrics_guard::MeterProvider;
///
/// let registry = Registry::new();
/// let provider = MeterProvider::builder(&registry)
///     .with_buckets_for("upload.size", Buckets::explicit(&[1e3, 1e6, 1e9])?)
///     .build();
///
/// let meter = provider.meter("shop");
/// meter.f64_histogram("upload.size").build().record(2.5e6, &[]);
/// # let snapshot = registry.collect();
/// # assert_eq!(snapshot.family("upload_size").unwrap().bounds(), [1e3, 1e6, 1e9]);
/// # Ok::<(), otel_core::ConfigError>(())
/// ```
#[derive(Debug)]
#[must_use = "a builder does nothing until it is built"]
pub struct MeterProviderBuilder {
    registry: Registry,
    rules: BucketRules,
}

impl MeterProviderBuilder {
    pub(super) fn new(registry: &Registry) -> Self {
        Self {
            registry: registry.clone(),
            rules: BucketRules::new(Buckets::semconv_seconds()),
        }
    }

    /// The buckets of histograms whose name is `name` or begins with it, up to the end of a word:
    /// `http` is for `http.duration`, not for `https`. The longest name that fits is taken, and
    /// goes before the boundaries that the library advises.
    pub fn with_buckets_for(mut self, name: &str, buckets: Buckets) -> Self {
        self.rules.set(name, buckets);
        self
    }

    /// The provider.
    pub fn build(self) -> MeterProvider {
        MeterProvider::from_parts(self.registry, self.rules)
    }
}
