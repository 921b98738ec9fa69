//! The recorder as a layer of `metrics-util`.

use metrics_util::layers::Layer;
use otel_core::registry::Registry;

use super::Recorder;

/// Puts the guard before another recorder, in a stack of `metrics-util`.
///
/// What is outside of it comes first: a `TracingContextLayer` pushed after this one adds its labels before
/// the guard judges them.
///
/// ```
/// use metrics_util::layers::Layer;
/// use otel_core::registry::Registry;
/// use otel_metrics_guard::RecorderLayer;
///
/// let registry = Registry::new();
/// let recorder = RecorderLayer::new(&registry).layer(metrics::NoopRecorder);
/// # let _ = recorder;
/// ```
#[derive(Clone, Debug)]
pub struct RecorderLayer {
    registry: Registry,
}

impl RecorderLayer {
    /// A layer that keeps measurements in this registry and passes them on.
    #[must_use]
    pub fn new(registry: &Registry) -> Self {
        Self {
            registry: registry.clone(),
        }
    }
}

impl<R: metrics::Recorder + Send + Sync + 'static> Layer<R> for RecorderLayer {
    type Output = Recorder;

    fn layer(&self, inner: R) -> Recorder {
        Recorder::builder(&self.registry)
            .with_forward(inner)
            .build()
    }
}
