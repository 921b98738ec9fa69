//! The provider: the one object an application installs.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use opentelemetry::InstrumentationScope;
use opentelemetry::metrics::{self as api, Meter};
use otel_core::registry::{Buckets, Registry};

use super::MeterProviderBuilder;
use super::boundaries;
use super::instruments::Instruments;
use crate::recorder::BucketRules;

/// Keeps what is measured with the OTel metrics API in a [`Registry`]. Cheap to clone.
///
/// Names, attributes and values are treated and counted as [`Registry`] does; nothing here fails or
/// panics. The scope's name and version, the unit and the description become facts of the family;
/// the same name from two scopes is one family, and reported as a
/// [conflict](otel_core::registry::ConflictReason::Scope).
///
/// | instrument | family |
/// |---|---|
/// | counter of `u64` · of `f64` | counter · counter of floats; one name can be only one of them |
/// | up-down counter of `i64` · of `f64` | likewise |
/// | gauge of `u64`, `i64`, `f64` | gauge |
/// | histogram of `u64`, `f64` | histogram; negative values are refused |
/// | observable | the same, asked as a [source](Registry::add_source) when the registry is collected |
///
/// An attribute value that is not a string is written as JSON would: `true`, `42`, `0.5`, `["a","b"]`.
/// What an observable instrument does not observe again keeps its last value. Attributes and schema
/// of a scope are not kept.
///
/// Bound instruments (`Counter::bind`) are implemented, and the experimental feature of the API that
/// has them is on in every program with this crate. Beware in such a program of `bind` on an instrument
/// of another provider: `opentelemetry_sdk` implements it only with its own feature of that name, and
/// else drops what is measured.
///
/// ```
/// use opentelemetry::KeyValue;
/// use opentelemetry::metrics::MeterProvider as _;
/// use otel_core::registry::Registry;
/// use otel_metrics_guard::MeterProvider;
///
/// let registry = Registry::new();
/// let provider = MeterProvider::new(&registry);
/// // opentelemetry::global::set_meter_provider(provider.clone()) in a service
///
/// let orders = provider.meter("shop").u64_counter("orders").build();
/// orders.add(3, &[KeyValue::new("kind", "book"), KeyValue::new("express", true)]);
///
/// let snapshot = registry.collect();
/// let series = snapshot.family("orders").unwrap().series().next().unwrap();
/// assert_eq!(series.labels(), r#"express="true",kind="book""#);
/// assert_eq!(series.value().as_counter(), Some(3));
/// ```
#[derive(Clone)]
#[must_use = "a provider measures nothing until meters are taken from it"]
pub struct MeterProvider {
    inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub(super) registry: Registry,
    rules: BucketRules,
    lost_boundaries: AtomicU64,
}

impl MeterProvider {
    /// A provider into this registry.
    pub fn new(registry: &Registry) -> Self {
        Self::builder(registry).build()
    }

    /// A provider of your own making.
    pub fn builder(registry: &Registry) -> MeterProviderBuilder {
        MeterProviderBuilder::new(registry)
    }

    /// Histograms whose advised boundaries were not taken, and replaced by those for their unit: more
    /// than 64, or not finite, not negative and strictly ascending.
    #[must_use]
    pub fn lost_boundaries(&self) -> u64 {
        self.inner.lost_boundaries.load(Ordering::Relaxed)
    }

    pub(super) fn from_parts(registry: Registry, rules: BucketRules) -> Self {
        Self {
            inner: Arc::new(Inner {
                registry,
                rules,
                lost_boundaries: AtomicU64::new(0),
            }),
        }
    }
}

impl api::MeterProvider for MeterProvider {
    fn meter_with_scope(&self, scope: InstrumentationScope) -> Meter {
        Meter::new(Arc::new(Instruments::new(&self.inner, scope)))
    }
}

impl fmt::Debug for MeterProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MeterProvider")
            .field("registry", &self.inner.registry)
            .finish_non_exhaustive()
    }
}

impl Inner {
    /// The buckets of a histogram: the application's choice, the library's advice, the unit's.
    pub(super) fn buckets(&self, name: &str, unit: &str, advice: Option<&[f64]>) -> Buckets {
        if let Some(chosen) = self.rules.chosen(name) {
            return chosen.clone();
        }
        match advice.map(Buckets::explicit) {
            Some(Ok(advised)) => return advised,
            Some(Err(_)) => {
                self.lost_boundaries.fetch_add(1, Ordering::Relaxed);
            }
            None => {}
        }
        boundaries::of_unit(unit)
    }
}
