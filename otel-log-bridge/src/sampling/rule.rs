//! Rules of the service's own.

use std::ops::RangeInclusive;

use otel_core::semconv;

use crate::name::Name;
use crate::record::{Record, Value};
use crate::redact::glob;

/// A share for the events that meet all of its conditions. The first rule that an event meets
/// decides, also about errors.
///
/// ```
/// use otel_log_bridge::SamplingRule;
///
/// let rules = [
///     SamplingRule::share(0.1).with_field("job", "iot-sensor"),
///     SamplingRule::share(1.0).with_field("job", "ota-agent"),
///     SamplingRule::share(0.01).with_status(400..=499),
///     SamplingRule::share(0.0).with_target("noisy::*").with_message("heartbeat *"),
/// ];
/// # let _ = rules;
/// ```
#[derive(Clone, Debug)]
#[must_use = "a rule is given to a sampling"]
pub struct SamplingRule {
    pub(super) share: f64,
    pub(super) target: Option<String>,
    message: Option<String>,
    fields: Vec<Condition>,
}

#[derive(Clone, Debug)]
struct Condition {
    name: String,
    /// `None` where the table of names is full: the condition is then never met.
    interned: Option<&'static Name>,
    is: Wanted,
}

#[derive(Clone, Debug)]
enum Wanted {
    Text(String),
    Within(RangeInclusive<i64>),
}

impl SamplingRule {
    /// Keeps this share of what meets the conditions: 0.0 none, 1.0 all.
    pub const fn share(share: f64) -> Self {
        Self {
            share,
            target: None,
            message: None,
            fields: Vec::new(),
        }
    }

    /// The target matches a pattern, in which `*` stands for any text.
    pub fn with_target(mut self, pattern: impl Into<String>) -> Self {
        self.target = Some(pattern.into());
        self
    }

    /// The message matches a pattern, in which `*` stands for any text. It is compared as it is
    /// written, after redaction.
    pub fn with_message(mut self, pattern: impl Into<String>) -> Self {
        self.message = Some(pattern.into());
        self
    }

    /// A field of the event, of a span around it or of its context matches a pattern.
    pub fn with_field(mut self, name: impl Into<String>, pattern: impl Into<String>) -> Self {
        self.push(name.into(), Wanted::Text(pattern.into()));
        self
    }

    /// A field is an integer within these bounds.
    pub fn with_field_within(
        mut self,
        name: impl Into<String>,
        range: RangeInclusive<i64>,
    ) -> Self {
        self.push(name.into(), Wanted::Within(range));
        self
    }

    /// The HTTP status of the response is within these bounds.
    pub fn with_status(self, range: RangeInclusive<u16>) -> Self {
        let range = i64::from(*range.start())..=i64::from(*range.end());
        self.with_field_within(semconv::HTTP_RESPONSE_STATUS_CODE, range)
    }

    fn push(&mut self, name: String, is: Wanted) {
        self.fields.push(Condition {
            interned: Name::intern(&name),
            name,
            is,
        });
    }

    /// Whether the target alone decides.
    pub(super) const fn is_by_target(&self) -> bool {
        self.message.is_none() && self.fields.is_empty()
    }

    /// Whether an event whose target matches may meet the rest: it has the fields itself, or the
    /// spans and contexts of the process lend fields of such names.
    pub(super) fn may_match(&self, has_field: impl Fn(&str) -> bool, lent: u64) -> bool {
        self.fields.iter().all(|condition| {
            let bit = condition.interned.map_or(0, Name::bit);
            lent & bit != 0 || has_field(&condition.name)
        })
    }

    pub(super) fn matches_target(&self, target: &str) -> bool {
        let pattern = self.target.as_ref();
        pattern.is_none_or(|pattern| glob::matches(pattern, target))
    }

    pub(super) fn matches(&self, record: &Record) -> bool {
        let message = self.message.as_ref();
        let fits =
            |pattern: &String| glob::matches(pattern, record.body_text().unwrap_or_default());
        message.is_none_or(fits) && self.fields.iter().all(|condition| condition.is_met(record))
    }
}

impl Condition {
    fn is_met(&self, record: &Record) -> bool {
        let value = self.interned.and_then(|name| record.get(name));
        match (&self.is, value) {
            (Wanted::Text(pattern), Some(Value::Text(text))) => {
                glob::matches(pattern, record.text(text))
            }
            (Wanted::Text(pattern), Some(Value::Bool(value))) => {
                glob::matches(pattern, if value { "true" } else { "false" })
            }
            (Wanted::Text(pattern), Some(Value::Int(value))) => {
                glob::matches(pattern, itoa::Buffer::new().format(value))
            }
            (Wanted::Within(range), Some(Value::Int(value))) => range.contains(&value),
            _ => false,
        }
    }
}
