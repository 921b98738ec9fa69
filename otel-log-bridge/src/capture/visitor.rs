//! The values of one event, typed as the log data model types them.

use std::error::Error;
use std::fmt::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use tracing::field::{Field, Visit};

use super::Scratch;
use super::scratch::Added;
use crate::encode::escape::{Cut, Escaped};
use crate::encode::line::{MAX_BODY_BYTES, MAX_FIELDS, MAX_VALUE_BYTES};
use crate::encode::{keys, number};
use crate::plan::{FieldPlan, Member, Plan};

/// Takes the place of a value whose `Debug` or `Display` panicked.
const PANICKED: &str = "<debug panicked>";
/// `,"exception.message":`.
const EXCEPTION_MEMBER: &[u8] = br#","exception.message":"#;

/// What was not written as it was given.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) renamed: u64,
    pub(crate) overwritten: u64,
    pub(crate) dropped: u64,
    pub(crate) truncated: u64,
}

/// Writes the values of one event into the buffers of its thread.
#[derive(Debug)]
pub(crate) struct Visitor<'a> {
    plan: &'a Plan,
    scratch: &'a mut Scratch,
    tally: Tally,
    has_exception: bool,
}

impl<'a> Visitor<'a> {
    pub(crate) fn new(plan: &'a Plan, scratch: &'a mut Scratch) -> Self {
        Self {
            // An exception message of the user's own takes precedence over a derived one.
            has_exception: plan.declares_exception_message,
            plan,
            scratch,
            tally: Tally::default(),
        }
    }

    pub(crate) const fn tally(&self) -> Tally {
        self.tally
    }

    /// A value with a JSON type of its own. In a place for text it is text.
    fn typed(&mut self, field: &Field, value: &dyn fmt::Debug, write: impl FnOnce(&mut Vec<u8>)) {
        match self.plan.field(field) {
            Some(FieldPlan::Member(member)) => self.member(member, write),
            _ => self.text(field, |out| write!(out, "{value:?}")),
        }
    }

    fn text(&mut self, field: &Field, text: impl FnOnce(&mut Escaped<'_>) -> fmt::Result) {
        let mut cut = Cut::Whole;
        match self.plan.field(field) {
            Some(FieldPlan::Member(member)) => {
                self.member(member, |out| cut = push_text(out, MAX_VALUE_BYTES, text));
            }
            Some(FieldPlan::Body) => {
                self.scratch.body.clear();
                cut = push_contained(&mut self.scratch.body, MAX_BODY_BYTES, text);
                if self.scratch.has_body {
                    self.tally.overwritten += 1;
                }
                self.scratch.has_body = true;
            }
            Some(FieldPlan::LogTarget) => {
                self.scratch.log_target.clear();
                keys::push_member(&mut self.scratch.log_target, keys::TARGET);
                cut = push_text(&mut self.scratch.log_target, keys::MAX_KEY_BYTES, text);
            }
            Some(FieldPlan::Skip) | None => {}
        }
        self.tally.truncated += u64::from(cut == Cut::Truncated);
    }

    fn member(&mut self, member: &Member, write: impl FnOnce(&mut Vec<u8>)) {
        let added = self
            .scratch
            .add(&member.key, member.repeats, MAX_FIELDS, write);
        self.tally.renamed += u64::from(member.is_renamed && added != Added::NoRoom);
        self.count(added);
    }

    fn count(&mut self, added: Added) {
        match added {
            Added::New => {}
            Added::Replaced => self.tally.overwritten += 1,
            Added::NoRoom => self.tally.dropped += 1,
        }
    }
}

impl Visit for Visitor<'_> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.typed(field, &value, |out| number::push_f64(out, value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.typed(field, &value, |out| number::push_i64(out, value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.typed(field, &value, |out| number::push_u64(out, value));
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        self.typed(field, &value, |out| number::push_i128(out, value));
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.typed(field, &value, |out| number::push_u128(out, value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        let text: &[u8] = if value { b"true" } else { b"false" };
        self.typed(field, &value, |out| out.extend_from_slice(text));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field, |out| out.write_str(value));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.text(field, |out| write!(out, "{value}"));
        if !self.has_exception && matches!(self.plan.field(field), Some(FieldPlan::Member(_))) {
            self.has_exception = true;
            let mut cut = Cut::Whole;
            let added = self.scratch.add(EXCEPTION_MEMBER, None, MAX_FIELDS, |out| {
                cut = push_text(out, MAX_VALUE_BYTES, |out| write!(out, "{value}"));
            });
            self.count(added);
            self.tally.truncated += u64::from(cut == Cut::Truncated);
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.text(field, |out| write!(out, "{value:?}"));
    }
}

fn push_text(
    out: &mut Vec<u8>,
    limit: usize,
    text: impl FnOnce(&mut Escaped<'_>) -> fmt::Result,
) -> Cut {
    out.push(b'"');
    let cut = push_contained(out, limit, text);
    out.push(b'"');
    cut
}

/// Runs the caller's formatting. What it wrote before a panic is taken back; what it wrote before
/// an error stands.
fn push_contained(
    out: &mut Vec<u8>,
    limit: usize,
    text: impl FnOnce(&mut Escaped<'_>) -> fmt::Result,
) -> Cut {
    let start = out.len();
    let mut escaped = Escaped::new(out, limit);
    let formatted = catch_unwind(AssertUnwindSafe(|| {
        let _ = text(&mut escaped);
    }));
    if formatted.is_ok() {
        return escaped.finish();
    }
    out.truncate(start);
    out.extend_from_slice(PANICKED.as_bytes());
    Cut::Whole
}
