//! What the registry counts about itself.
//!
//! One closed list: it is the report, the registry's own families, and their bound at once.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::cardinality::{Oddities, Stripes};

/// Something the registry did other than add a value to the series that was named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Event {
    /// A label set was folded because a value was over the budget of its label.
    FoldedLabelValue,
    /// A label set was folded because its family was at its series budget.
    FoldedFamily,
    /// A label set was folded because the registry was at its series budget.
    FoldedProcess,
    /// A value was folded because the policy says so of it.
    FoldedByPolicy,
    /// A rule of the policy panicked, so that a value was folded.
    RulePanicked,
    /// A label was left out from then on, because it had too many values.
    LabelOvergrown,
    /// A value that was folded got series of its own, in place of one that is written less.
    Promoted,
    /// A value that is not a number was refused.
    RejectedNan,
    /// An infinite value was refused.
    RejectedInfinite,
    /// A negative value was refused by a histogram or a counter.
    RejectedNegative,
    /// A value was refused because the sum would leave its range.
    RejectedRange,
    /// A gauge was set on a series that stands for several label sets, where the last write says
    /// nothing; or a handle there was given a total.
    RejectedFoldedSet,
    /// A total was below the one that was there; a counter does not fall.
    RejectedLowerTotal,
    /// A write found no place, though its budgets had room: the table's last resort was spent.
    RejectedUnplaced,
    /// A label value was cut to the allowed length.
    LabelTruncated,
    /// A label name was given twice; the later value was taken.
    LabelDuplicate,
    /// A label with a reserved name was dropped.
    LabelReserved,
    /// A label was dropped because there were too many.
    LabelSurplus,
    /// An exemplar was not taken because another thread was writing one in its place.
    ExemplarSkipped,
    /// A write through a handle went to a series that was removed: it is kept, and shown if the
    /// series is registered again.
    OrphanWrite,
}

impl Event {
    /// Every event.
    pub const ALL: [Self; 20] = [
        Self::FoldedLabelValue,
        Self::FoldedFamily,
        Self::FoldedProcess,
        Self::FoldedByPolicy,
        Self::RulePanicked,
        Self::LabelOvergrown,
        Self::Promoted,
        Self::RejectedNan,
        Self::RejectedInfinite,
        Self::RejectedNegative,
        Self::RejectedRange,
        Self::RejectedFoldedSet,
        Self::RejectedLowerTotal,
        Self::RejectedUnplaced,
        Self::LabelTruncated,
        Self::LabelDuplicate,
        Self::LabelReserved,
        Self::LabelSurplus,
        Self::ExemplarSkipped,
        Self::OrphanWrite,
    ];

    /// The registry's own counter family of this event, as exposed and without `_total`.
    #[must_use]
    pub const fn family(self) -> &'static str {
        match self {
            Self::FoldedLabelValue
            | Self::FoldedFamily
            | Self::FoldedProcess
            | Self::FoldedByPolicy => "otel_guard_folded",
            Self::RejectedNan
            | Self::RejectedInfinite
            | Self::RejectedNegative
            | Self::RejectedRange
            | Self::RejectedFoldedSet
            | Self::RejectedLowerTotal
            | Self::RejectedUnplaced => "otel_guard_rejected",
            Self::LabelTruncated
            | Self::LabelDuplicate
            | Self::LabelReserved
            | Self::LabelSurplus => "otel_guard_labels_altered",
            Self::ExemplarSkipped => "otel_guard_exemplars_skipped",
            Self::OrphanWrite => "otel_guard_orphan_writes",
            Self::RulePanicked | Self::LabelOvergrown | Self::Promoted => "otel_guard_policy_acts",
        }
    }

    /// The value of its `reason` label there.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::FoldedLabelValue => "label_values",
            Self::FoldedFamily => "family_series",
            Self::FoldedProcess => "process_series",
            Self::FoldedByPolicy => "policy",
            Self::RulePanicked => "rule_panicked",
            Self::LabelOvergrown => "label_overgrown",
            Self::Promoted => "promoted",
            Self::RejectedNan => "nan",
            Self::RejectedInfinite => "infinite",
            Self::RejectedNegative => "negative",
            Self::RejectedRange => "range",
            Self::RejectedFoldedSet => "folded_set",
            Self::RejectedLowerTotal => "lower_total",
            Self::RejectedUnplaced => "unplaced",
            Self::LabelTruncated => "truncated",
            Self::LabelDuplicate => "duplicate",
            Self::LabelReserved => "reserved",
            Self::LabelSurplus => "surplus",
            Self::ExemplarSkipped => "contended",
            Self::OrphanWrite => "removed",
        }
    }
}

/// The events of one family. Allocated with the first: most families never have any, and the
/// counters must not share a cache line with what every write reads.
#[derive(Debug, Default)]
pub(super) struct Events {
    counts: OnceLock<Box<[AtomicU64; Event::ALL.len()]>>,
    /// The one that an attack brings from every thread at once.
    folded_label_values: Stripes,
}

impl Events {
    #[inline]
    pub(super) fn add(&self, event: Event, n: u64) {
        if event == Event::FoldedLabelValue {
            return self.folded_label_values.add(n);
        }
        let counts = self.counts.get_or_init(Box::default);
        if let Some(count) = counts.get(event as usize) {
            count.fetch_add(n, Ordering::Relaxed);
        }
    }

    pub(super) fn get(&self, event: Event) -> u64 {
        if event == Event::FoldedLabelValue {
            return self.folded_label_values.get();
        }
        let counts = self.counts.get();
        let count = counts.and_then(|counts| counts.get(event as usize));
        count.map_or(0, |count| count.load(Ordering::Relaxed))
    }

    pub(super) fn add_oddities(&self, oddities: Oddities) {
        self.add(Event::LabelTruncated, oddities.truncated.into());
        self.add(Event::LabelDuplicate, oddities.duplicate.into());
        self.add(Event::LabelReserved, oddities.reserved.into());
        self.add(Event::LabelSurplus, oddities.surplus.into());
        self.add(Event::FoldedByPolicy, oddities.ruled_out.into());
        self.add(Event::RulePanicked, oddities.rule_panicked.into());
    }
}
