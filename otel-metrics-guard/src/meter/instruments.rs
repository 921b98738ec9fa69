//! The instruments of one scope, as families of the registry.

use std::borrow::Cow;
use std::sync::Arc;

use opentelemetry::InstrumentationScope;
use opentelemetry::metrics::{
    AsyncInstrumentBuilder, Counter, Gauge, Histogram, HistogramBuilder, InstrumentBuilder,
    InstrumentProvider, ObservableCounter, ObservableGauge, ObservableUpDownCounter, UpDownCounter,
};
use otel_core::registry::{Descriptor, Unit};

use super::measure::Told;
use super::observable::ask;
use super::provider::Inner;

/// Makes the instruments of one scope.
pub(super) struct Instruments {
    provider: Arc<Inner>,
    scope: InstrumentationScope,
}

impl Instruments {
    pub(super) fn new(provider: &Arc<Inner>, scope: InstrumentationScope) -> Self {
        Self {
            provider: Arc::clone(provider),
            scope,
        }
    }

    fn descriptor(
        &self,
        name: Cow<'static, str>,
        unit: Option<Cow<'static, str>>,
        description: Option<Cow<'static, str>>,
    ) -> Descriptor {
        let version = self.scope.version().unwrap_or_default();
        Descriptor::new(name)
            .with_unit(unit.map_or(Unit::NONE, Unit::new))
            .with_help(description.unwrap_or_default())
            .with_scope(self.scope.name().to_owned())
            .with_scope_version(version.to_owned())
    }
}

macro_rules! told {
    ($($method:ident: $instrument:ident<$number:ty> => $family:ident;)*) => {$(
        fn $method(
            &self,
            builder: InstrumentBuilder<'_, $instrument<$number>>,
        ) -> $instrument<$number> {
            let descriptor = self.descriptor(builder.name, builder.unit, builder.description);
            $instrument::new(Arc::new(Told(self.provider.registry.$family(descriptor))))
        }
    )*};
}

macro_rules! told_histogram {
    ($($method:ident: $number:ty;)*) => {$(
        fn $method(
            &self,
            builder: HistogramBuilder<'_, Histogram<$number>>,
        ) -> Histogram<$number> {
            let unit = builder.unit.as_deref().unwrap_or_default();
            let advice = builder.boundaries.as_deref();
            let buckets = self.provider.buckets(&builder.name, unit, advice);
            let descriptor = self.descriptor(builder.name, builder.unit, builder.description);
            let family = self.provider.registry.histogram(descriptor, buckets);
            Histogram::new(Arc::new(Told(family)))
        }
    )*};
}

macro_rules! asked {
    ($($method:ident: $instrument:ident<$number:ty> => $family:ident;)*) => {$(
        fn $method(
            &self,
            builder: AsyncInstrumentBuilder<'_, $instrument<$number>, $number>,
        ) -> $instrument<$number> {
            let descriptor = self.descriptor(builder.name, builder.unit, builder.description);
            let registry = &self.provider.registry;
            ask(registry, &registry.$family(descriptor), builder.callbacks);
            $instrument::new()
        }
    )*};
}

impl InstrumentProvider for Instruments {
    told! {
        u64_counter: Counter<u64> => counter;
        f64_counter: Counter<f64> => float_counter;
        i64_up_down_counter: UpDownCounter<i64> => up_down_counter;
        f64_up_down_counter: UpDownCounter<f64> => float_up_down_counter;
        u64_gauge: Gauge<u64> => gauge;
        i64_gauge: Gauge<i64> => gauge;
        f64_gauge: Gauge<f64> => gauge;
    }

    told_histogram! {
        u64_histogram: u64;
        f64_histogram: f64;
    }

    asked! {
        u64_observable_counter: ObservableCounter<u64> => counter;
        f64_observable_counter: ObservableCounter<f64> => float_counter;
        i64_observable_up_down_counter: ObservableUpDownCounter<i64> => up_down_counter;
        f64_observable_up_down_counter: ObservableUpDownCounter<f64> => float_up_down_counter;
        u64_observable_gauge: ObservableGauge<u64> => gauge;
        i64_observable_gauge: ObservableGauge<i64> => gauge;
        f64_observable_gauge: ObservableGauge<f64> => gauge;
    }
}
