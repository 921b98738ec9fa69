//! The kinds of the facade as families of the registry.

use std::sync::{Arc, OnceLock};

use otel_core::registry::{
    Buckets, Counter, Descriptor, Family, Gauge, Histogram, Instrument, Kind, Registry,
};

use super::handle::HeldCounter;
use super::totals::Totals;

/// A kind of instrument that the facade knows.
pub(super) trait FacadeInstrument: Instrument + Sized {
    const KIND: Kind;

    /// What a call site's handle holds.
    type Held;

    fn register(registry: &Registry, descriptor: Descriptor, buckets: Buckets) -> Family<Self>;

    fn hold(self, totals: &Arc<Totals>) -> Self::Held;
}

impl FacadeInstrument for Counter {
    const KIND: Kind = Kind::Counter;

    type Held = HeldCounter;

    fn register(registry: &Registry, descriptor: Descriptor, _: Buckets) -> Family<Self> {
        registry.counter(descriptor)
    }

    fn hold(self, totals: &Arc<Totals>) -> HeldCounter {
        HeldCounter {
            counter: self,
            totals: Arc::clone(totals),
            reported: OnceLock::new(),
        }
    }
}

impl FacadeInstrument for Gauge {
    const KIND: Kind = Kind::Gauge;

    type Held = Self;

    fn register(registry: &Registry, descriptor: Descriptor, _: Buckets) -> Family<Self> {
        registry.gauge(descriptor)
    }

    fn hold(self, _: &Arc<Totals>) -> Self {
        self
    }
}

impl FacadeInstrument for Histogram {
    const KIND: Kind = Kind::Histogram;

    type Held = Self;

    fn register(registry: &Registry, descriptor: Descriptor, buckets: Buckets) -> Family<Self> {
        registry.histogram(descriptor, buckets)
    }

    fn hold(self, _: &Arc<Totals>) -> Self {
        self
    }
}
