//! Facts as labels: versions, builds, settings.

use std::sync::Arc;

use super::facts::Facts;
use super::family::{Family, Instrument, Sealed};
use super::family_core::Core;
use super::series::{Cell, Series};
use super::{Kind, Value};
use crate::cardinality::GaugeFold;

/// One series of an info family (OpenMetrics 1.0, "Info"): its labels are what it says.
#[derive(Clone, Debug)]
#[must_use = "an info is exposed by its family, not by the handle"]
pub struct Info {
    core: Arc<Core<InfoCell>>,
    series: Arc<Series<InfoCell>>,
}

impl Family<Info> {
    /// States these facts in place of those stated before.
    ///
    /// ```
    /// use otel_core::registry::Registry;
    ///
    /// let registry = Registry::new();
    /// let schema = registry.info("db.schema");
    /// schema.state(&[("version", "41")]);
    /// schema.state(&[("version", "42")]);
    /// # let snapshot = registry.collect();
    /// # let family = snapshot.family("db_schema").unwrap();
    /// # let labels: Vec<_> = family.series().map(|series| series.labels()).collect();
    /// # assert_eq!(labels, [r#"version="42""#]);
    /// ```
    pub fn state(&self, facts: &[(&str, &str)]) {
        let stated = self.with(facts);
        let kept = stated.series.labels();
        self.core().remove_where(|series| series.labels() != kept);
    }
}

impl Instrument for Info {}

impl Sealed for Info {
    type Cell = InfoCell;

    fn from_parts(core: Arc<Core<InfoCell>>, series: Arc<Series<InfoCell>>) -> Self {
        Self { core, series }
    }

    fn parts(&self) -> (&Core<InfoCell>, &Arc<Series<InfoCell>>) {
        (&self.core, &self.series)
    }
}

#[derive(Debug)]
pub(crate) struct InfoCell;

impl Cell for InfoCell {
    const KIND: Kind = Kind::Info;

    fn new(_: &Facts, _: Option<GaugeFold>) -> Self {
        Self
    }

    fn heap_bytes(_: &Facts) -> usize {
        0
    }

    fn amount(&self) -> Option<u64> {
        None
    }

    fn value<'a>(&'a self, _: &'a Facts) -> Value<'a> {
        Value::Info
    }
}
