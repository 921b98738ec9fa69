//! `target_info`: the resource as labels.
//!
//! One sample says what the whole target is; its labels are not repeated on others. The rules are
//! those of the OpenTelemetry specification, "Prometheus and OpenMetrics Compatibility", section on
//! resource attributes.

use std::collections::BTreeMap;

use otel_core::resource::Resource;

pub(super) const HELP: &str = "The entity that these metrics describe.";

/// The attributes of a resource between the braces of a sample: names made valid, values escaped,
/// sorted. Attributes whose names become the same share a label, values joined by `;` in the order
/// of their names.
pub(super) fn labels(resource: &Resource) -> String {
    let mut labels = BTreeMap::<String, String>::new();
    for (name, value) in resource.attributes() {
        // An empty value is no label at all.
        if value.is_empty() {
            continue;
        }
        labels
            .entry(label_name(&name))
            .and_modify(|joined| {
                joined.push(';');
                joined.push_str(&value);
            })
            .or_insert(value);
    }
    let mut text = String::new();
    for (name, value) in &labels {
        if !text.is_empty() {
            text.push(',');
        }
        text.push_str(name);
        text.push_str("=\"");
        for c in value.chars() {
            match c {
                '\\' => text.push_str("\\\\"),
                '"' => text.push_str("\\\""),
                '\n' => text.push_str("\\n"),
                c => text.push(c),
            }
        }
        text.push('"');
    }
    text
}

/// `[a-zA-Z_][a-zA-Z0-9_]*` without `__`: a leading `__` is Prometheus' own.
fn label_name(name: &str) -> String {
    let mut label = String::with_capacity(name.len() + 1);
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        label.push('_');
    }
    for c in name.chars() {
        if c.is_ascii_alphanumeric() {
            label.push(c);
        } else if !label.ends_with('_') {
            label.push('_');
        }
    }
    label
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_become_labels() {
        let resource = Resource::builder()
            .with_service_name("shop")
            .with_attribute("a-b", "second of three")
            .with_attribute("a.b", "third")
            .with_attribute("a b", "first")
            .with_attribute("__meta.größe", "\"1\\2\"\n3")
            .with_attribute("2nd", "digit")
            .build()
            .unwrap();
        resource.add_late("host.id", "");
        assert_eq!(
            labels(&resource),
            concat!(
                r#"_2nd="digit",_meta_gr_e="\"1\\2\"\n3","#,
                r#"a_b="first;second of three;third",service_name="shop""#,
            )
        );
    }
}
