//! What the bridge says itself, in the log it writes.

use std::sync::atomic::Ordering;

use otel_core::semconv;

use crate::capture::Scratch;
use crate::name::Name;
use crate::record::{Target, Value};
use crate::sampling::Change;
use crate::severity::Severity;
use crate::shared::Shared;
use crate::sink::OWN_TARGET;

/// A fact of a notice.
pub(crate) enum Fact<'a> {
    Text(&'a str),
    Int(i64),
    Float(f64),
}

impl Shared {
    /// A share of sampling has been changed.
    pub(crate) fn say_changed(&self, change: Change) {
        let Change {
            level,
            share,
            cause,
        } = change;
        if let Some(metrics) = &self.metrics {
            metrics.share(level, share);
        }
        self.say(
            Severity::WARN,
            semconv::LOG_SAMPLING_CHANGED,
            "the share of events that is kept has changed",
            &[
                ("log.sampling.level", Fact::Text(level.as_str())),
                ("log.sampling.share", Fact::Float(share)),
                ("log.sampling.cause", Fact::Text(cause)),
            ],
        );
    }

    /// The bridge stands in front of the layer whose ids it needs.
    pub(crate) fn say_misplaced(&self) {
        self.say(
            Severity::WARN,
            "log.bridge.misplaced",
            "the log bridge was added before the layer that makes OpenTelemetry spans: \
             events that name their parent may carry the ids of the span around it",
            &[],
        );
    }

    /// Fields that depart from the schema, of which nothing was said yet.
    pub(crate) fn say_drifts(&self) {
        let told = self.rules.drift.places();
        let from = self.told_drifts.swap(told, Ordering::Relaxed);
        for place in self.rules.drift.since(from) {
            self.say(
                Severity::WARN,
                semconv::LOG_SCHEMA_DRIFT,
                "a field departs from the schema",
                &[
                    ("log.schema.drift.kind", Fact::Text(place.drift().as_str())),
                    ("log.schema.drift.field", Fact::Text(place.field())),
                    ("log.schema.drift.target", Fact::Text(place.target())),
                    ("log.schema.drift.location", Fact::Text(place.location())),
                    ("log.schema.drift.places", Fact::Int(told as i64)),
                ],
            );
        }
    }

    fn say(&self, severity: Severity, name: &'static str, body: &str, facts: &[(&str, Fact<'_>)]) {
        if self.is_closed() {
            return;
        }
        let mut scratch = Scratch::default();
        let record = &mut scratch.record;
        record.time = self.clock.wall();
        record.severity = severity;
        record.event_name = Some(Name::own(name));
        record.target = Target::Static(Name::own(OWN_TARGET));
        record.body = Some(record.push_text(body));
        for (name, fact) in facts {
            let value = match fact {
                Fact::Text(text) => Value::Text(record.push_text(text)),
                Fact::Int(value) => Value::Int(*value),
                Fact::Float(value) => Value::Float(*value),
            };
            if let Some(name) = Name::intern(name) {
                record.add(name, value);
            }
        }
        self.emit(&mut scratch, true);
    }
}
