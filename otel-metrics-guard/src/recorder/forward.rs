//! Another recorder that hears what the guard lets through.
//!
//! A service that has an exporter keeps it, with its listener and its push gateway, and gains the bounds: the
//! exporter is only ever given keys of series that the registry has. Names are as the registry exposes them
//! and unique in that form; labels are those the measurement was folded into; a backslash, which some
//! exporters cannot tell from two, is a slash; what the registry refuses is not passed on.
//!
//! A key is registered with the exporter once. What it does with a handle that is held for ever, such as
//! removing idle series, is not known here: leave that off.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use foldhash::fast::RandomState;
use metrics::{
    Counter, Gauge, Histogram, Key, KeyName, Label, Level, Metadata, SharedString, Unit,
};
use otel_core::registry::Instrument;

/// The other recorder, and its handles by guarded key.
pub(super) struct Forward {
    recorder: Box<dyn metrics::Recorder + Send + Sync>,
    counters: Handles<Counter>,
    gauges: Handles<Gauge>,
    histograms: Handles<Histogram>,
}

type Handles<H> = Mutex<HashMap<Key, H, RandomState>>;

impl Forward {
    pub(super) fn new(recorder: impl metrics::Recorder + Send + Sync + 'static) -> Self {
        Self {
            recorder: Box::new(recorder),
            counters: Mutex::default(),
            gauges: Mutex::default(),
            histograms: Mutex::default(),
        }
    }

    pub(super) fn counter(&self, name: &str, series: &impl Instrument) -> Counter {
        handle(&self.counters, name, series, |key, metadata| {
            self.recorder.register_counter(key, metadata)
        })
    }

    pub(super) fn gauge(&self, name: &str, series: &impl Instrument) -> Gauge {
        handle(&self.gauges, name, series, |key, metadata| {
            self.recorder.register_gauge(key, metadata)
        })
    }

    pub(super) fn histogram(&self, name: &str, series: &impl Instrument) -> Histogram {
        handle(&self.histograms, name, series, |key, metadata| {
            self.recorder.register_histogram(key, metadata)
        })
    }

    /// Passes a description on, under the exposed name.
    pub(super) fn describe(
        &self,
        kind: otel_core::registry::Kind,
        name: &str,
        unit: Option<Unit>,
        help: &str,
    ) {
        let name = KeyName::from(name.to_owned());
        let help = SharedString::from(help.to_owned());
        match kind {
            otel_core::registry::Kind::Counter => self.recorder.describe_counter(name, unit, help),
            otel_core::registry::Kind::Gauge => self.recorder.describe_gauge(name, unit, help),
            _ => self.recorder.describe_histogram(name, unit, help),
        }
    }
}

/// The handle of a guarded series. The registry bounds how many there are at a time; of those that have gone
/// since, some are remembered too.
fn handle<H: Clone>(
    handles: &Handles<H>,
    name: &str,
    series: &impl Instrument,
    register: impl FnOnce(&Key, &Metadata<'_>) -> H,
) -> H {
    let labels = series
        .labels()
        .map(|(name, value)| Label::new(name.to_owned(), value.replace('\\', "/")));
    let key = Key::from_parts(name.to_owned(), labels.collect::<Vec<_>>());
    let mut handles = handles.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(handle) = handles.get(&key) {
        return handle.clone();
    }
    let metadata = Metadata::new(module_path!(), Level::INFO, None);
    let handle = register(&key, &metadata);
    if handles.len() < MAX_HANDLES {
        handles.insert(key, handle.clone());
    }
    handle
}

impl fmt::Debug for Forward {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Forward").finish_non_exhaustive()
    }
}

/// Twice the series of a registry's default budget. Beyond it the exporter is asked again, which it answers
/// with what it has.
const MAX_HANDLES: usize = 20_000;
