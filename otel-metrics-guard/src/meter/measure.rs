//! Instruments that are told: counters, gauges, histograms, and their bound forms.

use opentelemetry::KeyValue;
use opentelemetry::metrics::{BoundSyncInstrument, SyncInstrument};
use otel_core::registry::{
    Counter, Family, FloatCounter, FloatUpDownCounter, Gauge, Histogram, Instrument, UpDownCounter,
};

use super::attributes::with_pairs;

/// An instrument of the API, in front of a family.
pub(super) struct Told<K: Instrument>(pub(super) Family<K>);

/// An instrument with its attributes, in front of a series.
struct Bound<K>(K);

/// A kind of the registry that takes numbers of type `T`.
pub(super) trait Measure<T>: Instrument + Sized + Send + Sync + 'static {
    fn measure(&self, value: T);

    fn measure_in(family: &Family<Self>, labels: &[(&str, &str)], value: T);
}

impl<T, K: Measure<T>> SyncInstrument<T> for Told<K> {
    fn measure(&self, measurement: T, attributes: &[KeyValue]) {
        with_pairs(attributes, |pairs| {
            K::measure_in(&self.0, pairs, measurement)
        });
    }

    fn bind(&self, attributes: &[KeyValue]) -> Box<dyn BoundSyncInstrument<T> + Send + Sync> {
        Box::new(Bound(with_pairs(attributes, |pairs| self.0.with(pairs))))
    }
}

impl<T, K: Measure<T>> BoundSyncInstrument<T> for Bound<K> {
    fn measure(&self, measurement: T) {
        self.0.measure(measurement);
    }
}

macro_rules! measures {
    ($($kind:ident: $number:ty => $write:ident($value:ident as $exact:expr);)*) => {$(
        impl Measure<$number> for $kind {
            fn measure(&self, $value: $number) {
                self.$write($exact);
            }

            fn measure_in(family: &Family<Self>, labels: &[(&str, &str)], $value: $number) {
                family.$write(labels, $exact);
            }
        }
    )*};
}

measures! {
    Counter: u64 => add(n as n);
    FloatCounter: f64 => add(amount as amount);
    UpDownCounter: i64 => add(n as n);
    FloatUpDownCounter: f64 => add(amount as amount);
    Gauge: u64 => set(value as value as f64);
    Gauge: i64 => set(value as value as f64);
    Gauge: f64 => set(value as value);
    Histogram: u64 => record(value as value as f64);
    Histogram: f64 => record(value as value);
}
