//! A family whose label names are given once.

use std::fmt;
use std::sync::{Arc, OnceLock};

use super::family::{Family, Instrument};
use super::family_core::{Core, Origin};
use super::gauge::GaugeWrite;
use super::series::Series;
use super::write::Scalar;
use super::{Counter, Gauge, Histogram, UpDownCounter};
use crate::cardinality::{Column, Key, MAX_LABELS};

/// Series of a family by the values of labels whose names are fixed.
///
/// What [`Family`] does with pairs, for code that names the same labels in the same order every time:
/// the names are not compared with each write. Values are given in the order of the names; an empty
/// value is an absent label.
///
/// ```
/// use otel_core::registry::Registry;
///
/// let registry = Registry::new();
/// let requests = registry.counter("requests").columns(["method", "route", "status"]);
/// requests.add(["GET", "/orders/{id}", "200"], 1);
/// # let snapshot = registry.collect();
/// # let series = snapshot.family("requests").unwrap().series().next().unwrap();
/// # assert_eq!(series.labels(), r#"method="GET",route="/orders/{id}",status="200""#);
/// ```
#[must_use = "columns measure nothing by themselves"]
pub struct Columns<K: Instrument, const N: usize> {
    family: Family<K>,
    names: [&'static str; N],
    /// How the names are read in the first generation of the family, once they are known there.
    columns: Arc<OnceLock<([Column; N], u8)>>,
}

impl<K: Instrument> Family<K> {
    /// This family by the values of these labels.
    pub fn columns<const N: usize>(&self, names: [&'static str; N]) -> Columns<K, N> {
        Columns {
            family: self.clone(),
            names,
            columns: Arc::default(),
        }
    }
}

impl<K: Instrument, const N: usize> Columns<K, N> {
    /// The series of these values, as [`Family::with`] finds it.
    #[must_use]
    pub fn with(&self, values: [&str; N]) -> K {
        self.family.with(&self.pairs(values))
    }

    #[inline]
    fn pairs<'v>(&self, values: [&'v str; N]) -> [(&'v str, &'v str); N] {
        let mut names = self.names.iter();
        values.map(|value| (names.next().copied().unwrap_or_default(), value))
    }

    /// The series of these values, if it is known.
    #[inline]
    fn find<'a>(
        &self,
        core: &'a Core<K::Cell>,
        values: &[&str; N],
    ) -> Option<&'a Arc<Series<K::Cell>>> {
        if core.is_replaced() {
            return None;
        }
        let (columns, set) = self.columns.get()?;
        let hasher = core.hasher();
        let mut sum = 0_u64;
        for (column, value) in columns.iter().zip(values) {
            if value.is_empty() {
                return None;
            }
            sum = sum.wrapping_add(hasher.value(column.seed, value));
        }
        let key = Key::new(sum, *set);
        core.first().table.find_columns(key, columns, values)
    }

    /// Learns how the family reads the names, which it does when it first meets them.
    #[cold]
    fn learn(&self, pairs: &[(&str, &str); N]) {
        let core = self.family.core();
        let Some((shape, _)) = core.first().shape_of(core.hasher(), pairs) else {
            return;
        };
        if N > MAX_LABELS || shape.labels().len() != N {
            return;
        }
        let mut columns = [Column::default(); N];
        for (place, label) in columns.iter_mut().zip(shape.labels()) {
            // Sorted as in the text; the seeds are in the order of the caller.
            place.at = label.at;
            place.skip = label.skip;
        }
        for label in shape.labels() {
            if let Some(column) = columns.get_mut(label.at()) {
                column.seed = label.seed;
            }
        }
        let _ = self.columns.set((columns, shape.set()));
    }
}

impl<const N: usize> Columns<Counter, N> {
    /// Adds `n` to the series of these values.
    #[inline]
    pub fn add(&self, values: [&str; N], n: u64) {
        write(self, values, n);
    }
}

impl<const N: usize> Columns<UpDownCounter, N> {
    /// Adds `n` to the series of these values; see [`Family::add`] for what has to come down again.
    #[inline]
    pub fn add(&self, values: [&str; N], n: i64) {
        write(self, values, n);
    }
}

impl<const N: usize> Columns<Gauge, N> {
    /// Replaces the value of the series of these values.
    #[inline]
    pub fn set(&self, values: [&str; N], value: f64) {
        write(self, values, GaugeWrite::Set(value));
    }
}

impl<const N: usize> Columns<Histogram, N> {
    /// Records a value in the series of these values.
    #[inline]
    pub fn record(&self, values: [&str; N], value: f64) {
        let core = self.family.core();
        if let Some(series) = self.find(core, &values) {
            return core.record(series, Origin::Labels(&self.pairs(values)), value, None);
        }
        let pairs = self.pairs(values);
        self.family.record(&pairs, value);
        if self.columns.get().is_none() {
            self.learn(&pairs);
        }
    }
}

#[inline]
fn write<K: Instrument, const N: usize>(
    columns: &Columns<K, N>,
    values: [&str; N],
    write: <K::Cell as Scalar>::Write,
) where
    K::Cell: Scalar,
{
    let core = columns.family.core();
    if let Some(series) = columns.find(core, &values) {
        let pairs = columns.pairs(values);
        return core.write(series, Origin::Labels(&pairs), write, None);
    }
    let pairs = columns.pairs(values);
    core.write_labels(&pairs, write, None);
    if columns.columns.get().is_none() {
        columns.learn(&pairs);
    }
}

impl<K: Instrument, const N: usize> Clone for Columns<K, N> {
    fn clone(&self) -> Self {
        Self {
            family: self.family.clone(),
            names: self.names,
            columns: Arc::clone(&self.columns),
        }
    }
}

impl<K: Instrument, const N: usize> fmt::Debug for Columns<K, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Columns")
            .field("family", &self.family)
            .field("names", &self.names)
            .finish_non_exhaustive()
    }
}
