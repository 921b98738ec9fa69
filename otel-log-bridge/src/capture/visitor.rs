//! The values of one event or span, typed as the log data model types them.

use std::error::Error;
use std::fmt::{self, Write};

use tracing::field::{Field, Visit};

use super::base64;
use super::error::{self, ErrorTypes};
use super::text::{self, Limited, Settled};
use crate::encode::keys;
use crate::plan::{FieldPlan, FieldSpec, Plan, Rules};
use crate::record::{Added, MAX_BODY_BYTES, MAX_VALUE_BYTES, Record, Target, Value};
use crate::redact::{Redact, Treatment, Workspace};
use crate::schema::{Fate, FieldType};

/// What was not written as it was given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) renamed: u64,
    pub(crate) overwritten: u64,
    pub(crate) dropped: u64,
    pub(crate) truncated: u64,
    pub(crate) redacted: u64,
}

/// Writes the values of one event or span into a record.
#[derive(Debug)]
pub(crate) struct Visitor<'a> {
    plan: &'a Plan,
    rules: &'a Rules,
    errors: &'a ErrorTypes,
    record: &'a mut Record,
    work: &'a mut Workspace,
    tally: Tally,
    has_exception: bool,
}

impl<'a> Visitor<'a> {
    pub(crate) fn new(
        plan: &'a Plan,
        (rules, errors): (&'a Rules, &'a ErrorTypes),
        record: &'a mut Record,
        work: &'a mut Workspace,
    ) -> Self {
        Self {
            plan,
            rules,
            errors,
            record,
            work,
            tally: Tally::default(),
            has_exception: false,
        }
    }

    pub(crate) const fn tally(&self) -> Tally {
        self.tally
    }

    /// A value with a type of its own. In a place for text, or under a rule, it is text.
    fn typed(&mut self, field: &Field, given: &dyn fmt::Debug, value: Value) {
        match self.plan.field(field) {
            Some(FieldPlan::Field(spec)) if spec.is_plain => {
                let added = self.record.add(spec.name, value);
                self.count(added);
            }
            Some(FieldPlan::Field(spec)) => {
                // Whether a secret is there is not the secret.
                let is_flag = matches!(value, Value::Bool(_))
                    && spec.treatment != Treatment::Apply(Redact::Drop);
                if is_flag || spec.treatment.shows_numbers() {
                    self.field(spec, value);
                } else {
                    self.text(field, |out| write!(out, "{given:?}"));
                }
            }
            Some(FieldPlan::LogLocation(name)) => {
                self.record.add(name, value);
            }
            Some(FieldPlan::SeverityNumber) => {
                if let Value::Int(number) = value {
                    self.record.severity = self.record.severity.raised_to(number);
                }
            }
            _ => self.text(field, |out| write!(out, "{given:?}")),
        }
    }

    fn text(&mut self, field: &Field, format: impl FnOnce(&mut Limited<'_>) -> fmt::Result) {
        match self.plan.field(field) {
            Some(FieldPlan::Field(spec)) => {
                if let Some(value) = self.settle(MAX_VALUE_BYTES, spec.treatment, format) {
                    self.field(spec, value);
                }
            }
            Some(FieldPlan::Body) => {
                let body = self.settle(MAX_BODY_BYTES, Treatment::Search, format);
                if let Some(Value::Text(body)) = body {
                    self.tally.overwritten += u64::from(self.record.body.is_some());
                    self.record.body = Some(body);
                }
            }
            Some(FieldPlan::LogTarget) => {
                let keep = Treatment::Apply(Redact::Keep);
                if let Some(Value::Text(target)) =
                    self.settle(crate::name::MAX_WRITTEN, keep, format)
                {
                    self.record.target = Target::Text(target);
                }
            }
            Some(FieldPlan::LogLocation(name)) => {
                let keep = Treatment::Apply(Redact::Keep);
                if let Some(value) = self.settle(MAX_VALUE_BYTES, keep, format) {
                    self.record.add(name, value);
                }
            }
            Some(FieldPlan::NoRoom) => self.record.dropped_fields += 1,
            Some(FieldPlan::SeverityNumber | FieldPlan::Skip) | None => {}
        }
    }

    fn settle(
        &mut self,
        limit: usize,
        treatment: Treatment,
        format: impl FnOnce(&mut Limited<'_>) -> fmt::Result,
    ) -> Option<Value> {
        let rules = (&self.rules.redaction, &mut *self.work);
        let settled = text::settle(self.record, limit, treatment, rules, format);
        self.settled(settled)
    }

    fn settled(&mut self, settled: Option<Settled>) -> Option<Value> {
        let Some(settled) = settled else {
            self.tally.redacted += 1;
            return None;
        };
        self.tally.truncated += u64::from(settled.is_cut);
        self.tally.redacted += u64::from(settled.is_redacted);
        Some(Value::Text(settled.text))
    }

    fn field(&mut self, spec: &FieldSpec, value: Value) {
        if spec.declared.is_none() && !spec.is_renamed {
            let added = self.record.add(spec.name, value);
            return self.count(added);
        }
        let mut fate = Fate::Written(spec.name, value);
        if let (Some(declared), Some(schema)) = (&spec.declared, &self.rules.schema)
            && let Some(drift) = declared.judge(value, self.record)
        {
            let seen = FieldType::of(value).as_str();
            let drifts = &self.rules.drift;
            drifts.note(drift, spec.name.text(), seen, self.plan.metadata);
            fate = schema.decide(drift, declared, spec.name, value, self.record);
        }
        let added = match fate {
            Fate::Written(name, value) => self.record.add(name, value),
            Fate::LeftOut => {
                self.record.dropped_fields += 1;
                Added::NoRoom
            }
        };
        self.tally.renamed += u64::from(spec.is_renamed && added != Added::NoRoom);
        self.count(added);
    }

    fn count(&mut self, added: Added) {
        match added {
            Added::New => {}
            Added::Replaced => self.tally.overwritten += 1,
            Added::NoRoom => self.tally.dropped += 1,
        }
    }

    /// The derived fields of the first error of an event.
    fn exception(&mut self, error: &(dyn Error + 'static)) {
        let names = keys::names();
        let own = self.plan.own_exception;
        if !own.kind
            && let Some(kind) = self.errors.name_of(error)
        {
            let kind = Value::Text(self.record.push_text(kind));
            self.record.add(names.exception_type, kind);
        }
        let [of_message, of_chain] = self.rules.exception;
        if !own.message {
            let message = self.settle(MAX_VALUE_BYTES, of_message, |out| write!(out, "{error}"));
            if let Some(message) = message {
                let added = self.record.add(names.exception_message, message);
                self.count(added);
            }
        }
        if !own.stacktrace && error.source().is_some() {
            let chain = self.settle(error::MAX_CHAIN_BYTES, of_chain, |out| {
                error::write_chain(out, error)
            });
            if let Some(chain) = chain {
                let added = self.record.add(names.exception_stacktrace, chain);
                self.count(added);
            }
        }
    }
}

impl Visit for Visitor<'_> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.typed(field, &value, Value::Float(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.typed(field, &value, Value::Int(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        match i64::try_from(value) {
            Ok(value) => self.record_i64(field, value),
            Err(_) => self.text(field, |out| write!(out, "{value}")),
        }
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        match i64::try_from(value) {
            Ok(value) => self.record_i64(field, value),
            Err(_) => self.text(field, |out| write!(out, "{value}")),
        }
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        match i64::try_from(value) {
            Ok(value) => self.record_i64(field, value),
            Err(_) => self.text(field, |out| write!(out, "{value}")),
        }
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.typed(field, &value, Value::Bool(value));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        let Some(FieldPlan::Field(spec)) = self.plan.field(field) else {
            return self.text(field, |out| {
                out.push(value);
                Ok(())
            });
        };
        let rules = (&self.rules.redaction, &mut *self.work);
        let settled = text::settle_str(self.record, MAX_VALUE_BYTES, spec.treatment, rules, value);
        if let Some(value) = self.settled(settled) {
            self.field(spec, value);
        }
    }

    fn record_bytes(&mut self, field: &Field, value: &[u8]) {
        let Some(FieldPlan::Field(spec)) = self.plan.field(field) else {
            return self.text(field, |out| write!(out, "{value:?}"));
        };
        let keep = match spec.treatment {
            Treatment::Search => Treatment::Apply(Redact::Keep),
            other => other,
        };
        let is_shown = keep == Treatment::Apply(Redact::Keep);
        // Three bytes become four characters; cut before, so that what is left decodes.
        let kept = value.get(..MAX_VALUE_BYTES / 4 * 3).unwrap_or(value);
        self.tally.truncated += u64::from(kept.len() < value.len());
        if let Some(Value::Text(text)) = self.settle(MAX_VALUE_BYTES, keep, |out| {
            base64::encode(kept, |part| out.push(part));
            Ok(())
        }) {
            let value = if is_shown {
                Value::Bytes(text)
            } else {
                Value::Text(text)
            };
            self.field(spec, value);
        }
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.text(field, |out| write!(out, "{value}"));
        let is_field = matches!(
            self.plan.field(field),
            Some(FieldPlan::Field(spec)) if spec.treatment != Treatment::Apply(Redact::Drop)
        );
        if is_field && !self.has_exception && self.plan.metadata.is_event() {
            self.has_exception = true;
            self.exception(value);
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.text(field, |out| write!(out, "{value:?}"));
    }
}
