//! A report for programs (RFC 8259).

use std::fmt::Write as _;

use super::{FamilyReport, LabelReport, Report};
use crate::registry::Event;

impl Report {
    /// The report as one JSON object.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut json = String::with_capacity(256 + self.families.len() * 512);
        let _ = write!(
            json,
            r#"{{"series":{},"series_budget":{},"bytes":{},"bytes_budget":{},"families":"#,
            self.series(),
            self.series_budget(),
            self.bytes(),
            self.bytes_budget()
        );
        array(&mut json, self.families(), push_family);
        json.push_str(r#","conflicts":"#);
        array(&mut json, self.conflicts(), |json, conflict| {
            json.push_str(r#"{"name":"#);
            string(json, conflict.name());
            json.push_str(r#","reason":"#);
            string(json, conflict.reason().reason());
            json.push('}');
        });
        json.push_str(r#","similar_names":"#);
        array(&mut json, self.similar_names().iter(), |json, (a, b)| {
            array(json, [a, b].into_iter(), |json, name| string(json, name));
        });
        json.push('}');
        json
    }
}

fn push_family(json: &mut String, family: &FamilyReport) {
    json.push_str(r#"{"name":"#);
    string(json, family.name());
    let _ = write!(
        json,
        r#","kind":"{}","series":{},"series_budget":{},"resting_series":{},"hidden_amount":{},"bytes":{},"exposed":{},"silent":{},"events":{{"#,
        family.kind().exposition_type(),
        family.series(),
        family.series_budget(),
        family.resting_series(),
        family.hidden_amount(),
        family.bytes(),
        family.is_exposed(),
        family.is_silent()
    );
    let happened = Event::ALL.iter().filter(|event| family.count(**event) > 0);
    for (at, event) in happened.enumerate() {
        let comma = if at > 0 { "," } else { "" };
        let (name, reason) = (event.family(), event.reason());
        let _ = write!(json, r#"{comma}"{name}.{reason}":{}"#, family.count(*event));
    }
    json.push_str(r#"},"labels":"#);
    array(json, family.labels(), push_label);
    json.push_str(r#","overgrown":"#);
    array(json, family.overgrown(), string);
    json.push_str(r#","suggestions":"#);
    array(json, family.suggestions(), |json, line| string(json, &line));
    json.push('}');
}

fn push_label(json: &mut String, label: &LabelReport) {
    json.push_str(r#"{"name":"#);
    string(json, label.name());
    let _ = write!(
        json,
        r#","admitted":{},"budget":{},"estimated":{},"folded":{},"shape":"#,
        label.admitted(),
        label.budget(),
        label.estimated(),
        label.folded()
    );
    match label.shape() {
        Some(shape) => string(json, shape.as_str()),
        None => json.push_str("null"),
    }
    json.push_str(r#","offenders":"#);
    array(json, label.offenders(), |json, offender| {
        json.push_str(r#"{"example":"#);
        string(json, offender.example().as_str());
        let _ = write!(json, r#","weight":{}}}"#, offender.weight());
    });
    json.push('}');
}

fn array<T>(json: &mut String, items: impl Iterator<Item = T>, push: impl Fn(&mut String, T)) {
    json.push('[');
    for (at, item) in items.enumerate() {
        if at > 0 {
            json.push(',');
        }
        push(json, item);
    }
    json.push(']');
}

fn string(json: &mut String, text: &str) {
    json.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => json.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(json, "\\u{:04x}", c as u32);
            }
            c => json.push(c),
        }
    }
    json.push('"');
}
