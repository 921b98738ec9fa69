//! Families of every kind in one list.

use std::sync::{Arc, OnceLock};

use super::counter::CounterCell;
use super::event::Event;
use super::facts::Facts;
use super::family_core::Core;
use super::float_counter::FloatCounterCell;
use super::float_up_down_counter::FloatUpDownCounterCell;
use super::gauge::GaugeCell;
use super::histogram::HistogramCell;
use super::up_down_counter::UpDownCounterCell;
use super::naming::Naming;

/// A family of some kind.
#[derive(Clone, Debug)]
pub(crate) enum AnyFamily {
    Counter(Arc<Core<CounterCell>>),
    FloatCounter(Arc<Core<FloatCounterCell>>),
    UpDownCounter(Arc<Core<UpDownCounterCell>>),
    FloatUpDownCounter(Arc<Core<FloatUpDownCounterCell>>),
    Gauge(Arc<Core<GaugeCell>>),
    Histogram(Arc<Core<HistogramCell>>),
}

/// The families that take writes and are not exposed: one of each kind, with one series.
///
/// A family that could not be registered leads here, so its callers need no second path.
#[derive(Debug, Default)]
pub(crate) struct Unexposed {
    pub(super) counter: OnceLock<Arc<Core<CounterCell>>>,
    pub(super) float_counter: OnceLock<Arc<Core<FloatCounterCell>>>,
    pub(super) up_down_counter: OnceLock<Arc<Core<UpDownCounterCell>>>,
    pub(super) float_up_down_counter: OnceLock<Arc<Core<FloatUpDownCounterCell>>>,
    pub(super) gauge: OnceLock<Arc<Core<GaugeCell>>>,
    pub(super) histogram: OnceLock<Arc<Core<HistogramCell>>>,
}

macro_rules! for_any {
    ($family:expr, $core:ident => $value:expr) => {
        match $family {
            AnyFamily::Counter($core) => $value,
            AnyFamily::FloatCounter($core) => $value,
            AnyFamily::UpDownCounter($core) => $value,
            AnyFamily::FloatUpDownCounter($core) => $value,
            AnyFamily::Gauge($core) => $value,
            AnyFamily::Histogram($core) => $value,
        }
    };
}

impl AnyFamily {
    pub(super) fn facts(&self) -> &Facts {
        for_any!(self, core => core.facts())
    }

    /// How the family reads labels now.
    pub(super) fn naming(&self) -> Arc<Naming> {
        for_any!(self, core => Arc::clone(&core.current().naming))
    }

    /// Hides what is idle and lets go of what nobody holds.
    pub(super) fn maintain(&self) {
        for_any!(self, core => core.maintain());
    }

    pub(super) fn series(&self) -> usize {
        for_any!(self, core => core.series())
    }

    pub(super) fn series_budget(&self) -> usize {
        for_any!(self, core => core.series_budget())
    }

    pub(super) fn count(&self, event: Event) -> u64 {
        for_any!(self, core => core.events().get(event))
    }

    pub(super) fn wall_at(&self, since_start: std::time::Duration) -> std::time::SystemTime {
        for_any!(self, core => core.shared().wall_at(since_start))
    }
}
