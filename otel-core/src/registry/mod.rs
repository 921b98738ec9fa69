//! The metric registry: every series of the process, in one place, under a budget.
//!
//! A [`Family`] is a name with its facts and its series; a series is one label set. Writes to a
//! known series are relaxed atomic additions found without a lock; a label set is admitted once,
//! when it is first seen, by the rules in [`cardinality`](crate::cardinality). Exits read a
//! [`Snapshot`]: sorted, stable, with the labels already rendered and escaped.
//!
//! - Additive totals are exact: every write lands in exactly one series. Totals that come whole,
//!   from a [source](Registry::add_source), are kept by other rules; see [`Observer`].
//! - The number of series is bounded for every input.
//! - No operation panics or returns an error. What was folded, refused or altered is counted in the
//!   [`Report`] and in families of the registry's own, `otel_guard_*`.

mod admission;
mod any_family;
mod buckets;
mod columns;
mod counter;
mod descriptor;
mod directory;
mod event;
mod exemplar;
mod facts;
mod family;
mod family_core;
mod fixed;
mod float_counter;
mod float_up_down_counter;
mod gauge;
mod generation;
mod histogram;
mod index;
mod info;
mod kind;
mod label_text;
mod labels;
mod lifecycle;
mod listing;
mod name;
mod naming;
mod observer;
mod own;
mod pulse;
#[expect(
    clippy::module_inception,
    reason = "the file is named for the type in it"
)]
mod registry;
mod report;
mod scoped;
mod series;
mod series_list;
mod shared;
mod snapshot;
mod source;
mod state_set;
mod sum;
mod table;
mod unit;
mod up_down_counter;
mod value;
mod weighing;
mod write;

pub use buckets::Buckets;
pub use columns::Columns;
pub use counter::Counter;
pub use descriptor::Descriptor;
pub use event::Event;
pub use exemplar::{Exemplar, ExemplarFilter};
pub use family::{Family, Instrument};
pub use fixed::{Fixed, FixedLabels};
pub use float_counter::FloatCounter;
pub use float_up_down_counter::FloatUpDownCounter;
pub use gauge::Gauge;
pub use histogram::Histogram;
pub use info::Info;
pub use kind::Kind;
pub use labels::{Labels, LabelsBuilder};
pub use observer::Observer;
pub use registry::{Registry, RegistryBuilder};
pub use report::{
    Conflict, ConflictReason, DryRun, FamilyDryRun, FamilyReport, LabelReport, Offender, Report,
};
pub use scoped::Scoped;
pub use snapshot::{FamilySnapshot, SeriesView, Snapshot};
pub use source::{Source, SourceFault};
pub use state_set::{State, StateSet};
pub use sum::Sum;
pub use unit::Unit;
pub use up_down_counter::UpDownCounter;
pub use value::{Bucket, HistogramValue, Value};
