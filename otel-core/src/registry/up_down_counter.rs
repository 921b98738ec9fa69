//! Up-down counters: sums that may fall.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};

use super::Kind;
use super::any_family::{AnyFamily, Unexposed};
use super::facts::Facts;
use super::family::{Family, Instrument, Sealed};
use super::family_core::{Core, Origin};
use super::pulse::Beat;
use super::series::{Cell, Series};
use crate::cardinality::GaugeFold;

/// One series of an up-down counter family: a number of things in existence, such as requests in
/// flight. Additions fold exactly.
///
/// What goes up through a handle comes down in the same series, whatever becomes of that meanwhile.
#[derive(Clone, Debug)]
#[must_use = "an up-down counter counts nothing by itself"]
pub struct UpDownCounter {
    core: Arc<Core<UpDownCounterCell>>,
    series: Arc<Series<UpDownCounterCell>>,
}

impl UpDownCounter {
    /// Adds one.
    #[inline]
    pub fn inc(&self) {
        self.add(1);
    }

    /// Takes one away.
    #[inline]
    pub fn dec(&self) {
        self.add(-1);
    }

    /// Adds `n`, which may be negative.
    #[inline]
    pub fn add(&self, n: i64) {
        self.core.add(&self.series, Origin::Handle, n);
    }
}

impl Family<UpDownCounter> {
    /// Adds `n` to the series of these labels, without making a handle.
    ///
    /// What goes up must come down in the same series: hold a handle from
    /// [`with`](Self::with) for a pair of writes, because a label set that was folded may find
    /// another place later.
    #[inline]
    pub fn add(&self, labels: &[(&str, &str)], n: i64) {
        let (core, origin) = (self.core(), Origin::Labels(labels));
        core.with_series(labels, n.unsigned_abs(), |series| core.add(series, origin, n));
    }
}

impl Instrument for UpDownCounter {}

impl Sealed for UpDownCounter {
    type Cell = UpDownCounterCell;

    fn from_parts(
        core: Arc<Core<UpDownCounterCell>>,
        series: Arc<Series<UpDownCounterCell>>,
    ) -> Self {
        Self { core, series }
    }

    fn parts(&self) -> (&Core<UpDownCounterCell>, &Arc<Series<UpDownCounterCell>>) {
        (&self.core, &self.series)
    }
}

impl Core<UpDownCounterCell> {
    #[inline]
    fn add(&self, series: &Series<UpDownCounterCell>, origin: Origin<'_>, n: i64) {
        if series.pulse().beat(self.shared().window.number()) == Beat::Unsettled {
            return self.add_unsettled(series, origin, n);
        }
        series.cell().add(n);
    }

    #[cold]
    fn add_unsettled(&self, series: &Series<UpDownCounterCell>, origin: Origin<'_>, n: i64) {
        if self.settle(series, origin, false) {
            return series.cell().add(n);
        }
        match origin {
            Origin::Labels(_) => {
                self.write_elsewhere(series, origin, n.unsigned_abs(), |series| {
                    series.cell().add(n);
                });
            }
            Origin::Handle => {
                // The series may be resumed by this; the write is its own in any case.
                self.write_elsewhere(series, origin, 0, |_| {});
                series.cell().add(n);
            }
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct UpDownCounterCell(AtomicI64);

impl UpDownCounterCell {
    #[inline]
    fn add(&self, n: i64) {
        self.0.fetch_add(n, Ordering::Relaxed);
    }

    pub(super) fn value(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Cell for UpDownCounterCell {
    const KIND: Kind = Kind::UpDownCounter;

    fn new(_: &Facts, _: Option<GaugeFold>) -> Self {
        Self::default()
    }

    fn heap_bytes(_: &Facts) -> usize {
        0
    }

    fn amount(&self) -> Option<u64> {
        None
    }

    fn into_family(core: Arc<Core<Self>>) -> AnyFamily {
        AnyFamily::UpDownCounter(core)
    }

    fn from_family(family: &AnyFamily) -> Option<&Arc<Core<Self>>> {
        match family {
            AnyFamily::UpDownCounter(core) => Some(core),
            _ => None,
        }
    }

    fn unexposed(families: &Unexposed) -> &OnceLock<Arc<Core<Self>>> {
        &families.up_down_counter
    }
}
