//! Up-down counters: sums that may fall.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};

use super::Kind;
use super::any_family::{AnyFamily, Unexposed};
use super::facts::Facts;
use super::family::{Family, Instrument, Sealed};
use super::family_core::Core;
use super::series::Cell;

/// One series of an up-down counter family: a number of things in existence, such as requests in
/// flight. Additions fold exactly.
#[derive(Clone, Debug)]
#[must_use = "an up-down counter counts nothing by itself"]
pub struct UpDownCounter {
    cell: Arc<UpDownCounterCell>,
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
        self.cell.add(n);
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
        self.core()
            .with_series(labels, |series| series.cell().add(n));
    }
}

impl Instrument for UpDownCounter {}

impl Sealed for UpDownCounter {
    type Cell = UpDownCounterCell;

    fn from_parts(_: Arc<Core<UpDownCounterCell>>, cell: Arc<UpDownCounterCell>) -> Self {
        Self { cell }
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

    fn new(_: &Facts, _: bool) -> Self {
        Self::default()
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
