//! What the guard did, for people, for programs and for tests.
//!
//! A [`Report`] names what is folded, what grows and what to do about it, and never shows a label
//! value: of the values that were folded only [how they are built](crate::cardinality::MaskedValue).
//! It can be read as a struct, as text (`Display`) and as [JSON](Report::to_json).

mod conflict;
mod dry_run;
mod family;
mod json;
mod label;
#[expect(
    clippy::module_inception,
    reason = "the file is named for the type in it"
)]
mod report;
mod similar;
mod text;

pub use conflict::{Conflict, ConflictReason};
pub use dry_run::{DryRun, FamilyDryRun};
pub use family::FamilyReport;
pub use label::{LabelReport, Offender};
pub use report::Report;
