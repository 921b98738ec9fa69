//! The kinds of the facade as families of the registry.

use std::sync::{Arc, OnceLock};

use otel_core::registry::{
    Buckets, Counter, Descriptor, Family, Gauge, Histogram, Instrument, Kind, Registry,
};

use super::forward::Forward;
use super::handle::{Held, HeldCounter};
use super::totals::Totals;

/// A kind of instrument that the facade knows.
pub(super) trait FacadeInstrument: Instrument + Sized {
    const KIND: Kind;

    /// What a call site's handle holds.
    type Held;

    fn register(registry: &Registry, descriptor: Descriptor, buckets: Buckets) -> Family<Self>;

    fn hold(self, name: &str, totals: &Arc<Totals>, forward: Option<&Forward>) -> Self::Held;
}

impl FacadeInstrument for Counter {
    const KIND: Kind = Kind::Counter;

    type Held = HeldCounter;

    fn register(registry: &Registry, descriptor: Descriptor, _: Buckets) -> Family<Self> {
        registry.counter(descriptor)
    }

    fn hold(self, name: &str, totals: &Arc<Totals>, forward: Option<&Forward>) -> HeldCounter {
        HeldCounter {
            forwarded: forward.map(|forward| forward.counter(name, &self)),
            counter: self,
            totals: Arc::clone(totals),
            reported: OnceLock::new(),
        }
    }
}

impl FacadeInstrument for Gauge {
    const KIND: Kind = Kind::Gauge;

    type Held = Held<Self, metrics::Gauge>;

    fn register(registry: &Registry, descriptor: Descriptor, _: Buckets) -> Family<Self> {
        registry.gauge(descriptor)
    }

    fn hold(self, name: &str, _: &Arc<Totals>, forward: Option<&Forward>) -> Self::Held {
        Held {
            forwarded: forward.map(|forward| forward.gauge(name, &self)),
            series: self,
        }
    }
}

impl FacadeInstrument for Histogram {
    const KIND: Kind = Kind::Histogram;

    type Held = Held<Self, metrics::Histogram>;

    fn register(registry: &Registry, descriptor: Descriptor, buckets: Buckets) -> Family<Self> {
        registry.histogram(descriptor, buckets)
    }

    fn hold(self, name: &str, _: &Arc<Totals>, forward: Option<&Forward>) -> Self::Held {
        Held {
            forwarded: forward.map(|forward| forward.histogram(name, &self)),
            series: self,
        }
    }
}
