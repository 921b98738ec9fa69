//! Whatever an event says, its line is one JSON object without repeated keys.

use std::collections::BTreeSet;
use std::fmt;

use proptest::collection::vec;
use proptest::prelude::*;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};

use crate::callsite::{callsite, log};
use crate::otel::{Both, as_line, as_record};
use crate::support::{builder, parse};

/// The keys of an object, refused when one comes twice.
struct DistinctKeys;

impl<'de> Deserialize<'de> for DistinctKeys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Keys;
        impl<'de> Visitor<'de> for Keys {
            type Value = DistinctKeys;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<DistinctKeys, A::Error> {
                let mut seen = BTreeSet::new();
                while let Some((key, IgnoredAny)) = map.next_entry::<String, _>()? {
                    if !seen.insert(key.clone()) {
                        return Err(serde::de::Error::custom(format!("{key:?} comes twice")));
                    }
                }
                Ok(DistinctKeys)
            }
        }
        deserializer.deserialize_map(Keys)
    }
}

/// Names that collide often, and any others.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("a"),
        Just("message"),
        Just("body"),
        Just("field.body"),
        Just("trace_id"),
        Just("service.name"),
        Just("exception.message"),
        Just("otel.dropped_attributes_count"),
    ]
    .prop_map(str::to_owned)
    .boxed()
    .prop_union(any::<String>().boxed())
}

#[derive(Clone, Debug)]
enum Value {
    Text(String),
    Debug(String),
    Error(String),
    Integer(i128),
    Float(f64),
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<String>().prop_map(Value::Text),
        any::<String>().prop_map(Value::Debug),
        any::<String>().prop_map(Value::Error),
        any::<i128>().prop_map(Value::Integer),
        any::<f64>().prop_map(Value::Float),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_line_is_one_object_with_distinct_keys(
        event_name in any::<String>(),
        target in any::<String>().prop_filter("not internal", |t| !t.starts_with("opentelemetry")),
        fields in vec((name(), value()), 0..12),
    ) {
        let names: Vec<String> = fields.iter().map(|(name, _)| name.clone()).collect();
        let metadata = callsite(&event_name, &target, &names);
        let errors: Vec<Box<dyn std::error::Error + 'static>> = fields
            .iter()
            .map(|(_, value)| match value {
                Value::Error(text) => text.clone().into(),
                _ => "".into(),
            })
            .collect();
        let debugs: Vec<_> = fields
            .iter()
            .map(|(_, value)| match value {
                Value::Debug(text) => tracing::field::debug(text.as_str()),
                _ => tracing::field::debug(""),
            })
            .collect();
        let errors: Vec<&(dyn std::error::Error + 'static)> =
            errors.iter().map(|error| &**error).collect();
        let values: Vec<&dyn tracing::Value> = fields
            .iter()
            .enumerate()
            .map(|(at, (_, value))| match value {
                Value::Text(text) => text as &dyn tracing::Value,
                Value::Debug(_) => &debugs[at],
                Value::Error(_) => &errors[at],
                Value::Integer(value) => value,
                Value::Float(value) => value,
            })
            .collect();

        let both = Both::of(builder(), || log(metadata, &values));
        let lines = both.text();

        prop_assert_eq!(lines.len(), 1);
        // A collector that is given the record and one that reads the line see the same.
        let records = both.records();
        prop_assert_eq!(records.len(), 1);
        prop_assert_eq!(as_line(&records[0]), as_record(&parse(&lines[0])));
        let line = &lines[0];
        let may_break = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
        prop_assert!(!line.chars().any(may_break));
        prop_assert!(serde_json::from_str::<DistinctKeys>(line).is_ok(), "{line}");
        let record = parse(line);
        prop_assert_eq!(&record["service.name"], "shop");
        prop_assert_eq!(&record["severity_text"], "INFO");
        // The last text of a name that is its own is there, unchanged.
        for (at, (name, value)) in fields.iter().enumerate() {
            let is_last = !names[at + 1..].contains(name);
            let is_own = !["message", "body", "exception.message"].contains(&name.as_str())
                && !name.starts_with("r#")
                && !name.starts_with("field.");
            if let (true, true, Value::Text(text)) = (is_last, is_own, value) {
                let renamed = format!("field.{name}");
                let found = record.get(&renamed).or_else(|| record.get(name));
                prop_assert_eq!(found.and_then(|found| found.as_str()), Some(text.as_str()));
            }
        }
    }
}
