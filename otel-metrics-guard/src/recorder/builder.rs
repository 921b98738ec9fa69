//! How a recorder is set up.

use otel_core::registry::{Buckets, Registry};

use super::Recorder;
use super::bucket_rules::BucketRules;
use super::forward::Forward;

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
    forward: Option<Forward>,
}

impl RecorderBuilder {
    pub(super) fn new(registry: &Registry) -> Self {
        Self {
            registry: registry.clone(),
            rules: BucketRules::new(Buckets::semconv_seconds()),
            forward: None,
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

    /// Another recorder that is told of everything as well, under the keys the guard leaves: an exporter
    /// with a listener or a push gateway that stays. Default: none.
    ///
    /// It hears names as the registry exposes them, labels as they were folded, and nothing the registry
    /// refuses. A measurement follows the labels it was folded into when its key was first seen. Leave the
    /// removal of idle series off in the other recorder: it is told of a key once.
    pub fn with_forward(
        mut self,
        recorder: impl metrics::Recorder + Send + Sync + 'static,
    ) -> Self {
        self.forward = Some(Forward::new(recorder));
        self
    }

    /// The recorder.
    pub fn build(self) -> Recorder {
        Recorder::from_parts(self.registry, self.rules, self.forward)
    }
}
