//! What a scrape sees: the families and series of one moment, in a stable order.
//!
//! A snapshot copies no labels and no values. It holds the order that the series had when the registry
//! was collected, and a value is read from its atomics when the writer comes to it, so a writer may take
//! its time without holding anything up. A value read later is never smaller than one read before.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::time::SystemTime;

use super::any_family::AnyFamily;
use super::label_text;
use super::listing::{AnyListing, AnySeries};
use super::value::Value;
use super::{Exemplar, Kind};

/// All families of a [`Registry`](super::Registry), sorted by exposed name.
///
/// The registry's own families (`otel_guard_*`) are among them.
#[derive(Clone, Debug)]
pub struct Snapshot {
    families: Vec<FamilySnapshot>,
    taken: SystemTime,
}

impl Snapshot {
    pub(super) const fn new(families: Vec<FamilySnapshot>, taken: SystemTime) -> Self {
        Self { families, taken }
    }

    /// The families, sorted by exposed name; no name comes twice.
    #[must_use]
    pub fn families(&self) -> impl ExactSizeIterator<Item = &FamilySnapshot> {
        self.families.iter()
    }

    /// The family exposed under a name, without `_total`.
    #[must_use]
    pub fn family(&self, exposed: &str) -> Option<&FamilySnapshot> {
        let found = self
            .families
            .binary_search_by(|family| family.name().cmp(exposed))
            .ok()?;
        self.families.get(found)
    }

    /// When the registry was collected.
    #[must_use]
    pub const fn taken(&self) -> SystemTime {
        self.taken
    }
}

/// One family in a [`Snapshot`].
#[derive(Clone)]
pub struct FamilySnapshot {
    family: Arc<dyn AnyFamily>,
    listing: Arc<dyn AnyListing>,
}

impl FamilySnapshot {
    pub(super) fn new(family: Arc<dyn AnyFamily>) -> Self {
        let listing = Arc::clone(&family).listing();
        Self { family, listing }
    }

    /// The exposed name, `[a-zA-Z_:][a-zA-Z0-9_:]*`, with the unit and without the suffixes of the
    /// samples: a counter's `_total` is for the writer to add.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.family.facts().exposed
    }

    /// The name as declared, which OTLP wants.
    #[must_use]
    pub fn original_name(&self) -> &str {
        self.family.facts().original()
    }

    /// What the family measures.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.family.facts().kind
    }

    /// The help text, not escaped; empty when there is none.
    #[must_use]
    pub fn help(&self) -> &str {
        self.family.facts().help.get().map_or("", |help| help)
    }

    /// The unit for a `# UNIT` line, such as `seconds`; empty when there is none. If not, the name
    /// ends with it, as OpenMetrics demands.
    #[must_use]
    pub fn unit(&self) -> &str {
        self.family.facts().unit_words()
    }

    /// The unit as a UCUM code, which OTLP wants.
    #[must_use]
    pub fn ucum_unit(&self) -> &str {
        self.family.facts().unit.code()
    }

    /// The instrumentation scope; empty when none was given.
    #[must_use]
    pub fn scope(&self) -> &str {
        self.family.facts().scope().0
    }

    /// The version of the instrumentation scope; empty when none was given.
    #[must_use]
    pub fn scope_version(&self) -> &str {
        self.family.facts().scope().1
    }

    /// The finite upper bounds of a histogram's buckets, ascending; empty for other kinds.
    #[must_use]
    pub fn bounds(&self) -> &[f64] {
        self.family.facts().buckets.bounds()
    }

    /// The name a label was first given, `http.route`, for its exposed name, `http_route`.
    #[must_use]
    pub fn original_label_name<'a>(&'a self, exposed: &'a str) -> Cow<'a, str> {
        let naming = self.family.naming();
        match naming.labels().exposed(exposed) {
            Some(label) => label.original().to_owned().into(),
            None => exposed.into(),
        }
    }

    /// How many series there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.listing.len()
    }

    /// Whether nothing was measured yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The series, sorted by label text.
    pub fn series(&self) -> impl Iterator<Item = SeriesView<'_>> {
        SeriesIter {
            family: self,
            positions: 0..self.len(),
        }
    }

    fn series_at(&self, at: usize) -> Option<SeriesView<'_>> {
        Some(SeriesView {
            family: self,
            series: self.listing.get(at)?,
        })
    }
}

/// The series of a family. Skipping costs nothing, so a writer may go on where it stopped.
struct SeriesIter<'a> {
    family: &'a FamilySnapshot,
    positions: Range<usize>,
}

impl<'a> Iterator for SeriesIter<'a> {
    type Item = SeriesView<'a>;

    fn next(&mut self) -> Option<SeriesView<'a>> {
        self.family.series_at(self.positions.next()?)
    }

    fn nth(&mut self, n: usize) -> Option<SeriesView<'a>> {
        self.family.series_at(self.positions.nth(n)?)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.positions.size_hint()
    }
}

impl fmt::Debug for FamilySnapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FamilySnapshot")
            .field("name", &self.name())
            .field("kind", &self.kind())
            .field("series", &self.len())
            .finish()
    }
}

/// One series in a [`FamilySnapshot`].
#[derive(Clone, Copy)]
pub struct SeriesView<'a> {
    family: &'a FamilySnapshot,
    series: &'a dyn AnySeries,
}

impl<'a> SeriesView<'a> {
    /// The labels as they stand between the braces of an exposition: `method="GET",route="/x"`,
    /// escaped, sorted by name; empty when there are none.
    #[must_use]
    pub fn labels(&self) -> &'a str {
        self.series.labels()
    }

    /// The labels as pairs of exposed name and plain value.
    pub fn label_pairs(&self) -> impl Iterator<Item = (&'a str, Cow<'a, str>)> {
        label_text::pairs(self.labels())
    }

    /// When the series began, to the second: its start time in OTLP, `_created` in OpenMetrics.
    #[must_use]
    pub fn created(&self) -> SystemTime {
        self.family.family.wall_at(self.series.created())
    }

    /// The value now.
    #[must_use]
    pub fn value(&self) -> Value<'a> {
        self.series.value(self.family.family.facts())
    }

    /// The exemplar of a counter; those of a histogram are with its
    /// [`buckets`](super::HistogramValue::buckets), and other kinds have none.
    #[must_use]
    pub fn exemplar(&self) -> Option<Exemplar> {
        self.series.exemplar()
    }
}

impl fmt::Debug for SeriesView<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SeriesView")
            .field("labels", &self.labels())
            .field("value", &self.value())
            .finish()
    }
}
