//! The counters again, ten times as many: what a series costs must not depend on how many there are.

use super::counters;
use crate::harness::Comparison;

pub(crate) fn comparison() -> Comparison {
    Comparison {
        name: "scrape-large",
        operation: "render 100,000 series as text; figures are for one series, out/op is its bytes",
        parts: SERIES as u64,
        has_reference: false,
        counted: 5,
        cases: counters::cases("100,000 counters", SERIES),
    }
}

const SERIES: usize = 100_000;
