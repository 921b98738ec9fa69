//! What is compared: cases that do the same job.

use super::Meter;

/// A table: cases, in jobs, over a reference if there is one.
pub(crate) struct Comparison {
    pub(crate) name: &'static str,
    /// What one operation is, for the heading.
    pub(crate) operation: &'static str,
    /// Divides every figure: the series of a scrape, so that rows are for one of them.
    pub(crate) parts: u64,
    /// Whether the first case is a reference to subtract from all others.
    pub(crate) has_reference: bool,
    /// Operations for the counts of allocations and instructions.
    pub(crate) counted: u64,
    pub(crate) cases: Vec<Case>,
}

/// One way to do a job. The first case of a job is ours: the others are held against it.
pub(crate) struct Case {
    pub(crate) job: &'static str,
    pub(crate) name: String,
    measure: Box<dyn Fn(&mut Meter)>,
}

impl Case {
    /// `measure` sets up the case and gives its operation to the meter. It has a process to itself.
    pub(crate) fn new(
        job: &'static str,
        name: impl Into<String>,
        measure: impl Fn(&mut Meter) + 'static,
    ) -> Self {
        Self {
            job,
            name: name.into(),
            measure: Box::new(measure),
        }
    }

    pub(super) fn measure(&self, meter: &mut Meter) {
        (self.measure)(meter);
    }
}
