//! The recorder: from a key of the facade to a series of the registry.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use metrics::{Key, KeyName, Metadata, SharedString};
use otel_core::registry::{
    Counter, Descriptor, Family, Gauge, Histogram, Instrument, Kind, Registry, Unit,
};

use super::bucket_rules::BucketRules;
use super::families::Families;
use super::forward::Forward;
use super::handle::Handle;
use super::instrument::FacadeInstrument;
use super::known_keys::KnownKeys;
use super::names::{Names, spoken};
use super::spelling::Spelling;
use super::totals::Totals;
use super::{InstallError, RecorderBuilder, unit};

/// Keeps what the macros of the [`metrics`] facade measure in a [`Registry`].
///
/// Every `counter!`, `gauge!` and `histogram!` of the process lands in the registry it was made for,
/// under its budget, with exemplars from the span it was measured in. Names, labels and values that
/// the registry does not take as they are, and a name used for two kinds, are treated and counted
/// as [`Registry`] does; nothing here fails or panics. Cheap to clone; clones are the same recorder.
///
/// - Buckets are chosen here, by name ([`builder`](Self::builder)).
/// - A description gives a name its help at any time, and its unit if it comes before the first
///   measurement: a unit is part of the exposed name.
/// - `Counter::absolute` brings a total up to the value given, for up to 4,096 keys. Use it or
///   `increment` on a key: with both, the series has the sum of both.
///
/// ```
/// use metrics::{counter, with_local_recorder};
/// use otel_core::registry::Registry;
/// use otel_metrics_guard::Recorder;
///
/// let registry = Registry::new();
/// let recorder = Recorder::new(&registry); // .install()? in a service
///
/// with_local_recorder(&recorder, || counter!("orders", "kind" => "book").increment(3));
///
/// let snapshot = registry.collect();
/// let series = snapshot.family("orders").unwrap().series().next().unwrap();
/// assert_eq!(series.labels(), r#"kind="book""#);
/// assert_eq!(series.value().as_counter(), Some(3));
/// ```
#[derive(Clone)]
#[must_use = "a recorder hears nothing until it is installed"]
pub struct Recorder {
    inner: Arc<Inner>,
}

struct Inner {
    registry: Registry,
    rules: BucketRules,
    names: Mutex<Names>,
    counters: Store<Counter>,
    gauges: Store<Gauge>,
    histograms: Store<Histogram>,
    totals: Arc<Totals>,
    lost_descriptions: AtomicU64,
    forward: Option<Forward>,
}

/// What is remembered of one kind.
struct Store<I: Instrument + FacadeInstrument> {
    known: KnownKeys<Handle<I::Held>>,
    families: Families<I>,
}

impl Recorder {
    /// A recorder into this registry, with buckets for durations in seconds.
    pub fn new(registry: &Registry) -> Self {
        Self::builder(registry).build()
    }

    /// A recorder of your own making.
    pub fn builder(registry: &Registry) -> RecorderBuilder {
        RecorderBuilder::new(registry)
    }

    /// Makes this the recorder of the process.
    ///
    /// # Errors
    ///
    /// When there is one already.
    pub fn install(self) -> Result<(), InstallError> {
        metrics::set_global_recorder(self).map_err(|_recorder| InstallError::occupied())
    }

    /// Descriptions that were not taken, or not whole: a unit that came after the first measurement,
    /// or a name beyond the 1,024 that are remembered.
    #[must_use]
    pub fn lost_descriptions(&self) -> u64 {
        self.inner.lost_descriptions.load(Ordering::Relaxed)
    }

    /// Calls of `Counter::absolute` that were not taken, because 4,096 other keys were there first
    /// or the key is one that is not remembered: longer than 512 bytes, with a NUL in it, or with a
    /// label twice.
    #[must_use]
    pub fn lost_totals(&self) -> u64 {
        self.inner.totals.lost()
    }

    pub(super) fn from_parts(
        registry: Registry,
        rules: BucketRules,
        forward: Option<Forward>,
    ) -> Self {
        // As many keys as there can be series, and half as many again: a series may be spelled in
        // several ways, and segments do not fill evenly.
        let keys = registry.report().series_budget().saturating_mul(3) / 2;
        Self {
            inner: Arc::new(Inner {
                registry,
                rules,
                names: Mutex::default(),
                counters: Store::new(keys),
                gauges: Store::new(keys),
                histograms: Store::new(keys),
                totals: Arc::default(),
                lost_descriptions: AtomicU64::new(0),
                forward,
            }),
        }
    }
}

impl metrics::Recorder for Recorder {
    fn describe_counter(&self, key: KeyName, unit: Option<metrics::Unit>, help: SharedString) {
        self.inner.describe(Kind::Counter, &key, unit, &help);
    }

    fn describe_gauge(&self, key: KeyName, unit: Option<metrics::Unit>, help: SharedString) {
        self.inner.describe(Kind::Gauge, &key, unit, &help);
    }

    fn describe_histogram(&self, key: KeyName, unit: Option<metrics::Unit>, help: SharedString) {
        self.inner.describe(Kind::Histogram, &key, unit, &help);
    }

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> metrics::Counter {
        metrics::Counter::from_arc(self.inner.handle(&self.inner.counters, key))
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> metrics::Gauge {
        metrics::Gauge::from_arc(self.inner.handle(&self.inner.gauges, key))
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> metrics::Histogram {
        metrics::Histogram::from_arc(self.inner.handle(&self.inner.histograms, key))
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder")
            .field("registry", &self.inner.registry)
            .finish_non_exhaustive()
    }
}

impl Inner {
    #[inline]
    fn handle<I: FacadeInstrument>(&self, store: &Store<I>, key: &Key) -> Arc<Handle<I::Held>> {
        match store.known.get(key) {
            Some(handle) => handle,
            None => self.meet(store, key),
        }
    }

    #[cold]
    #[inline(never)]
    fn meet<I: FacadeInstrument>(&self, store: &Store<I>, key: &Key) -> Arc<Handle<I::Held>> {
        let series = |family: &Family<I>| with_pairs(key, |pairs| family.with(pairs));
        let instrument = match store.families.with(key.name(), series) {
            Some(instrument) => instrument,
            None => series(&self.register(store, key.name())),
        };
        let handle = Handle {
            spelling: Spelling::of(key),
            held: instrument.hold(
                &self.exposed(store, key.name()),
                &self.totals,
                self.forward.as_ref(),
            ),
        };
        store.known.keep(key, Arc::new(handle))
    }

    /// The name a family is exposed under, if somebody is to hear it.
    fn exposed<I: FacadeInstrument>(&self, store: &Store<I>, name: &str) -> String {
        if self.forward.is_none() {
            return String::new();
        }
        let exposed = store.families.with(name, |family| family.name().to_owned());
        exposed.unwrap_or_else(|| self.register(store, name).name().to_owned())
    }

    /// The family of a name that the store does not have.
    fn register<I: FacadeInstrument>(&self, store: &Store<I>, name: &str) -> Family<I> {
        let spoken = spoken_as(name, I::KIND);
        let mut names = self.names();
        let facts = names.settle(&spoken, I::KIND);
        let descriptor = descriptor(name, facts.unit, facts.help);
        let family = I::register(&self.registry, descriptor, self.rules.get(&spoken));
        store.families.add(name, &family);
        family
    }

    fn describe(&self, kind: Kind, name: &KeyName, unit: Option<metrics::Unit>, help: &str) {
        let name = name.as_str();
        let spoken = spoken_as(name, kind);
        let metrics_unit = unit;
        let unit = unit.map_or(Unit::NONE, unit::ucum);
        let mut names = self.names();
        let (facts, taken) = names.describe(&spoken, &unit, help);
        if !taken {
            self.lost_descriptions.fetch_add(1, Ordering::Relaxed);
        }
        if let Some(forward) = &self.forward {
            forward.describe(kind, &spoken, metrics_unit, help);
        }
        // Registering again is how a family that is there gets its help.
        for kind in facts.kinds {
            let descriptor = descriptor(name, facts.unit.clone(), facts.help.clone());
            let buckets = self.rules.get(&spoken);
            match kind {
                Kind::Counter => drop(Counter::register(&self.registry, descriptor, buckets)),
                Kind::Gauge => drop(Gauge::register(&self.registry, descriptor, buckets)),
                _ => drop(Histogram::register(&self.registry, descriptor, buckets)),
            }
        }
    }

    fn names(&self) -> MutexGuard<'_, Names> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<I: FacadeInstrument> Store<I> {
    fn new(keys: usize) -> Self {
        Self {
            known: KnownKeys::new(keys),
            families: Families::new(),
        }
    }
}

/// The name that counters share with and without the suffix of their samples.
fn spoken_as(name: &str, kind: Kind) -> String {
    let mut spoken = spoken(name);
    if kind == Kind::Counter && spoken.ends_with("_total") {
        spoken.truncate(spoken.len() - "_total".len());
    }
    spoken
}

fn descriptor(name: &str, unit: Unit, help: String) -> Descriptor {
    Descriptor::new(name.to_owned())
        .with_unit(unit)
        .with_help(help)
}

/// Lends the labels of a key as the registry reads them; on the stack, unless there are very many.
fn with_pairs<R>(key: &Key, read: impl FnOnce(&[(&str, &str)]) -> R) -> R {
    let mut few = [("", ""); 32];
    let labels = key.labels().map(|label| (label.key(), label.value()));
    match few.get_mut(..labels.len()) {
        Some(pairs) => {
            for (pair, label) in pairs.iter_mut().zip(labels) {
                *pair = label;
            }
            read(pairs)
        }
        None => read(&labels.collect::<Vec<_>>()),
    }
}
