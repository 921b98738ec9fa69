//! Texts as the caller's formatting writes them: bounded, contained, redacted.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::encode::escape;
use crate::record::{Record, Text};
use crate::redact::{Redact, Redaction, Scan, Treatment, Workspace};

/// Takes the place of a value whose `Debug` or `Display` panicked.
const PANICKED: &str = "<debug panicked>";

/// Takes text until a limit, and counts what came after.
#[derive(Debug)]
pub(crate) struct Limited<'a> {
    out: &'a mut String,
    left: usize,
    lost: usize,
}

impl Limited<'_> {
    #[inline]
    pub(crate) fn push(&mut self, text: &str) {
        if self.lost == 0 && text.len() <= self.left {
            self.out.push_str(text);
            self.left -= text.len();
            return;
        }
        let mut kept = self.left.min(text.len());
        while self.lost > 0 && kept > 0 || !text.is_char_boundary(kept) {
            kept -= 1;
        }
        self.out.push_str(text.get(..kept).unwrap_or_default());
        self.left -= kept;
        self.lost += text.len() - kept;
    }
}

impl fmt::Write for Limited<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        // Never an error, not even past the limit: a `Debug` that is refused may panic.
        self.push(text);
        Ok(())
    }
}

/// A text that is ready for every sink.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settled {
    pub(crate) text: Text,
    pub(crate) is_cut: bool,
    pub(crate) is_redacted: bool,
}

/// Runs the caller's formatting into the arena of `record`, applies the rules, and keeps the
/// result within `limit` bytes as written. `None` when the rules leave it out.
///
/// What a formatting wrote before it panicked is taken back; what it wrote before an error stands.
pub(crate) fn settle(
    record: &mut Record,
    limit: usize,
    treatment: Treatment,
    (redaction, work): (&Redaction, &mut Workspace),
    format: impl FnOnce(&mut Limited<'_>) -> fmt::Result,
) -> Option<Settled> {
    let start = record.start_text();
    let arena = record.arena();
    let mut limited = Limited {
        out: arena,
        left: limit,
        lost: 0,
    };
    let formatted = catch_unwind(AssertUnwindSafe(|| {
        let _ = format(&mut limited);
    }));
    let mut lost = limited.lost;
    if formatted.is_err() {
        arena.truncate(start);
        arena.push_str(PANICKED);
        lost = 0;
    }
    finish(record, start, lost, limit, treatment, (redaction, work))
}

/// As [`settle`], of a text that is there already: no code of the caller's runs.
pub(crate) fn settle_str(
    record: &mut Record,
    limit: usize,
    treatment: Treatment,
    rules: (&Redaction, &mut Workspace),
    text: &str,
) -> Option<Settled> {
    let start = record.start_text();
    let mut limited = Limited {
        out: record.arena(),
        left: limit,
        lost: 0,
    };
    limited.push(text);
    let lost = limited.lost;
    finish(record, start, lost, limit, treatment, rules)
}

/// As [`settle`], of a text that lies at the end of the arena, of which `lost` bytes did not fit.
#[inline]
fn finish(
    record: &mut Record,
    start: usize,
    lost: usize,
    limit: usize,
    treatment: Treatment,
    (redaction, work): (&Redaction, &mut Workspace),
) -> Option<Settled> {
    let text = record.arena().get(start..).unwrap_or_default();
    let is_short = lost == 0 && text.len() * 6 <= limit;
    if is_short && treatment == Treatment::Search {
        let seen = Scan::of(text);
        if redaction.is_clean(seen) {
            return Some(Settled {
                text: record.end_text(start, seen.may_escape()),
                is_cut: false,
                is_redacted: false,
            });
        }
    }
    examine(record, start, lost, limit, treatment, (redaction, work))
}

/// As [`finish`], of a text that something may have to be done about.
#[inline(never)]
fn examine(
    record: &mut Record,
    start: usize,
    lost: usize,
    limit: usize,
    treatment: Treatment,
    (redaction, work): (&Redaction, &mut Workspace),
) -> Option<Settled> {
    let arena = record.arena();
    let mut is_redacted = false;
    let mut lost = lost;
    let mut scan = None;
    match treatment {
        Treatment::Apply(Redact::Keep) => {}
        Treatment::Apply(Redact::Drop) => {
            arena.truncate(start);
            return None;
        }
        Treatment::Apply(redact) => {
            redaction.replace(arena, start, redact, work);
            is_redacted = true;
            lost = 0;
        }
        Treatment::Search => {
            let seen = Scan::of(arena.get(start..).unwrap_or_default());
            is_redacted = redaction.search(arena, start, seen, work);
            scan = (!is_redacted).then_some(seen);
        }
    }
    let scan = scan.unwrap_or_else(|| Scan::of(arena.get(start..).unwrap_or_default()));
    let fits = lost == 0 && (arena.len() - start) * 6 <= limit;
    let is_cut = !fits && escape::cut(arena, start, limit, lost);
    Some(Settled {
        text: record.end_text(start, scan.may_escape() || is_cut),
        is_cut,
        is_redacted,
    })
}
