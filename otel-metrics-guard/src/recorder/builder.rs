//! How a recorder is set up.

use otel_core::registry::{Buckets, Registry};

use super::Recorder;
use super::bucket_rules::BucketRules;

/// Builds a [`Recorder`].
///
/// ```
/// use otel_core::registry::{Buckets, Registry};
/// use otel_metrics_guard::Recorder;
///
/// let registry = Registry::new();
/// let recorder = Recorder::builder(&registry)
///     .with_buckets_for("upload.size", Buckets::explicit(&[1e3, 1e6, 1e9])?)
///     .build();
///
/// metrics::with_local_recorder(&recorder, || {
///     metrics::histogram!("upload.size", "kind" => "photo").record(2.5e6);
/// });
/// # let snapshot = registry.collect();
/// # assert_eq!(snapshot.family("upload_size").unwrap().bounds(), [1e3, 1e6, 1e9]);
/// # Ok::<(), otel_core::ConfigError>(())
/// ```
#[derive(Debug)]
#[must_use = "a builder does nothing until it is built"]
pub struct RecorderBuilder {
    registry: Registry,
    rules: BucketRules,
}

impl RecorderBuilder {
    pub(super) fn new(registry: &Registry) -> Self {
        Self {
            registry: registry.clone(),
            rules: BucketRules::new(Buckets::semconv_seconds()),
        }
    }

    /// The buckets of histograms that nothing else is said about, because the facade cannot say.
    /// Default: [`Buckets::semconv_seconds`].
    pub fn with_buckets(mut self, buckets: Buckets) -> Self {
        self.rules.set_default(buckets);
        self
    }

    /// The buckets of the histogram of this name, and of those whose name goes on after it with a
    /// `.` or `_`: `http.server` is also said of `http_server_request_duration`, not of
    /// `http.servers`. The longest name wins; of the same name the last.
    pub fn with_buckets_for(mut self, name: impl AsRef<str>, buckets: Buckets) -> Self {
        self.rules.set(name.as_ref(), buckets);
        self
    }

    /// The recorder.
    pub fn build(self) -> Recorder {
        Recorder::from_parts(self.registry, self.rules)
    }
}
