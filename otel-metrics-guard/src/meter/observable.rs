//! Instruments that are asked: each callback is a source of the registry.

use opentelemetry::KeyValue;
use opentelemetry::metrics::{AsyncInstrument, Callback};
use otel_core::registry::{
    Counter, Family, FloatCounter, FloatUpDownCounter, Gauge, Instrument, Observer, Registry,
    UpDownCounter,
};

use super::attributes::with_pairs;

/// What a callback observes with, for as long as it is asked.
struct Asked<'a, K: Instrument> {
    observer: &'a Observer,
    family: &'a Family<K>,
}

/// A kind of the registry that takes whole numbers of type `T` from a source.
pub(super) trait Observe<T>: Instrument + Sized + Send + Sync + 'static {
    fn observe(observer: &Observer, family: &Family<Self>, labels: &[(&str, &str)], value: T);
}

/// Has the callbacks asked for as long as the registry lives: the API has no way to take them back.
///
/// Each is a source of its own, so one that panics does not take the others along.
pub(super) fn ask<T: 'static, K: Observe<T>>(
    registry: &Registry,
    family: &Family<K>,
    callbacks: Vec<Callback<T>>,
) {
    for callback in callbacks {
        let family = family.clone();
        let source = registry.add_source(move |observer| {
            callback(&Asked {
                observer,
                family: &family,
            });
        });
        source.detach();
    }
}

impl<T, K: Observe<T>> AsyncInstrument<T> for Asked<'_, K> {
    fn observe(&self, measurement: T, attributes: &[KeyValue]) {
        with_pairs(attributes, |pairs| {
            K::observe(self.observer, self.family, pairs, measurement);
        });
    }
}

macro_rules! observes {
    ($($kind:ident: $number:ty => $report:ident($value:ident as $exact:expr);)*) => {$(
        impl Observe<$number> for $kind {
            fn observe(
                observer: &Observer,
                family: &Family<Self>,
                labels: &[(&str, &str)],
                $value: $number,
            ) {
                observer.$report(family, labels, $exact);
            }
        }
    )*};
}

observes! {
    Counter: u64 => total(total as total);
    FloatCounter: f64 => float_total(total as total);
    UpDownCounter: i64 => sum(sum as sum);
    FloatUpDownCounter: f64 => float_sum(sum as sum);
    Gauge: u64 => value(value as value as f64);
    Gauge: i64 => value(value as value as f64);
    Gauge: f64 => value(value as value);
}
