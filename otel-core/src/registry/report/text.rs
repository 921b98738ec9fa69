//! A report for people.

use std::fmt;

use super::{FamilyReport, Report};

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "series {} of {}, bytes {} of {}",
            self.series(),
            self.series_budget(),
            self.bytes(),
            self.bytes_budget()
        )?;
        for conflict in self.conflicts() {
            writeln!(
                f,
                "conflict {}: {}",
                conflict.reason().reason(),
                conflict.name()
            )?;
        }
        for (a, b) in self.similar_names() {
            writeln!(f, "similar names: {a} and {b}")?;
        }
        // What folds comes first: it is why somebody reads this.
        let mut families: Vec<_> = self.families().collect();
        families.sort_by_key(|family| std::cmp::Reverse(family.folded()));
        families
            .iter()
            .try_for_each(|family| write_family(f, family))
    }
}

fn write_family(f: &mut fmt::Formatter<'_>, family: &FamilyReport) -> fmt::Result {
    write!(
        f,
        "\n{} ({}): series {} of {}, bytes {}",
        family.name(),
        family.kind().exposition_type(),
        family.series(),
        family.series_budget(),
        family.bytes()
    )?;
    for (what, count) in [
        ("resting", family.resting_series() as u64),
        ("folded", family.folded()),
    ] {
        if count > 0 {
            write!(f, ", {what} {count}")?;
        }
    }
    if !family.is_exposed() {
        f.write_str(", not exposed")?;
    }
    if family.is_silent() {
        f.write_str(", never written")?;
    }
    writeln!(f)?;
    for label in family.labels() {
        write!(
            f,
            "  {}: values {} of {}, estimated {}, folded {}",
            label.name(),
            label.admitted(),
            label.budget(),
            label.estimated(),
            label.folded()
        )?;
        if let Some(shape) = label.shape() {
            write!(f, ", mostly {}", shape.as_str())?;
        }
        writeln!(f)?;
        for offender in label.offenders() {
            writeln!(
                f,
                "    {} at least {}",
                offender.example(),
                offender.weight()
            )?;
        }
    }
    for name in family.overgrown() {
        writeln!(f, "  {name}: left out, too many values")?;
    }
    family
        .suggestions()
        .try_for_each(|line| writeln!(f, "  try {line}"))
}
