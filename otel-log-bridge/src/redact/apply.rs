//! The rules on a text that has just been captured.

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::detect::Scan;
use super::policy::Redaction;
use super::{Redact, detectors, mask};

/// Buffers that redaction reuses.
#[derive(Debug, Default)]
pub(crate) struct Workspace {
    finds: Vec<(Range<usize>, Redact)>,
    spare: String,
}

impl Workspace {
    /// Bytes it holds.
    pub(crate) const fn capacity(&self) -> usize {
        self.spare.capacity() + self.finds.capacity() * size_of::<(Range<usize>, Redact)>()
    }
}

impl Redaction {
    /// Replaces the text of `arena` from `start` on by what stands for it.
    pub(crate) fn replace(
        &self,
        arena: &mut String,
        start: usize,
        redact: Redact,
        work: &mut Workspace,
    ) {
        work.spare.clear();
        let secret = arena.get(start..).unwrap_or_default();
        mask::push(&mut work.spare, secret, redact, self.key());
        arena.truncate(start);
        arena.push_str(&work.spare);
    }

    /// Whether a text need not be searched.
    #[inline]
    pub(crate) const fn is_clean(&self, scan: Scan) -> bool {
        !self.has_custom() && !scan.is_suspicious()
    }

    /// Searches the text of `arena` from `start` on and replaces what is found. Says whether
    /// anything was.
    pub(crate) fn search(
        &self,
        arena: &mut String,
        start: usize,
        scan: Scan,
        work: &mut Workspace,
    ) -> bool {
        if self.is_clean(scan) {
            return false;
        }
        let text = arena.get(start..).unwrap_or_default();
        work.finds.clear();
        for (detector, redact) in self.detectors() {
            if !scan.calls_for(*detector) {
                continue;
            }
            let mut from = 0;
            while let Some(find) = detectors::find(*detector, text, from) {
                from = find.end.max(from + 1);
                work.finds.push((find, *redact));
            }
        }
        for (detector, redact) in self.custom() {
            let mut from = 0;
            // A detector of the user's may be wrong in any way; a wrong range finds nothing.
            while let Some(rest) = text.get(from..).filter(|rest| !rest.is_empty())
                && let Ok(Some(find)) = catch_unwind(AssertUnwindSafe(|| detector(rest)))
                && rest
                    .get(find.clone())
                    .is_some_and(|found| !found.is_empty())
            {
                work.finds
                    .push((from + find.start..from + find.end, *redact));
                from += find.end;
            }
        }
        if work.finds.is_empty() {
            return false;
        }
        work.finds
            .sort_by_key(|(find, _)| (find.start, usize::MAX - find.end));
        work.spare.clear();
        let mut done = 0;
        for (find, redact) in &work.finds {
            // A find inside an earlier one is gone already; one that overlaps its end is cut.
            let from = find.start.max(done);
            if from >= find.end {
                continue;
            }
            work.spare
                .push_str(text.get(done..from).unwrap_or_default());
            let secret = text.get(from..find.end).unwrap_or_default();
            mask::push(&mut work.spare, secret, *redact, self.key());
            done = find.end;
        }
        work.spare.push_str(text.get(done..).unwrap_or_default());
        arena.truncate(start);
        arena.push_str(&work.spare);
        true
    }
}
