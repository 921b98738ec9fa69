//! Nothing an event says makes its line longer than 64 KiB.

use crate::callsite::{callsite, log};
use crate::support::{PATIENCE, builder, lines_of, parse, record_of, stack};

const MAX_LINE: usize = 64 * 1024;

#[test]
fn a_long_body_and_a_long_value_are_cut_and_say_so() {
    let long = "é".repeat(20_000);
    let record = record_of(|| tracing::info!(value = long, text = ?long, "{long}"));
    let body = record["body"].as_str().unwrap();
    assert!(body.ends_with("é…[truncated 23616 bytes]"));
    assert_eq!(body.find('…'), Some(16 * 1024));
    let value = record["value"].as_str().unwrap();
    assert!(value.ends_with("é…[truncated 35904 bytes]"));
    assert_eq!(value.find('…'), Some(4 * 1024));
    // A `Debug` opens with a quote, so the last character that fits ends one byte early.
    let text = record["text"].as_str().unwrap();
    assert!(
        text.ends_with("é…[truncated 35907 bytes]"),
        "{}",
        text.len()
    );
}

#[test]
fn fields_past_the_128th_are_counted_on_the_line() {
    let names: Vec<String> = (0..140).map(|n| format!("f{n}")).collect();
    let metadata = callsite("many", "t", &names);
    let values = vec![&1_i64 as &dyn tracing::Value; names.len()];
    let record = record_of(|| log(metadata, &values));
    assert_eq!(record["otel.dropped_attributes_count"], 12);
    assert_eq!(record["f127"], 1);
    assert_eq!(record.get("f128"), None);
}

#[test]
fn the_worst_event_is_a_line_within_the_bound() {
    // Every byte of it grows sixfold, and there is too much of everything.
    let hostile = "\u{1}".repeat(100_000);
    let names: Vec<String> = (0..130)
        .map(|n| {
            if n == 0 {
                "message".to_owned()
            } else {
                format!("{n}{hostile}")
            }
        })
        .collect();
    let metadata = callsite(&hostile, &hostile, &names);
    let values: Vec<&dyn tracing::Value> = vec![&hostile; names.len()];

    let resource = otel_core::resource::Resource::builder()
        .with_attribute("service.name", &hostile)
        .with_attribute("service.namespace", &hostile)
        .with_attribute("service.version", &hostile)
        .with_attribute("service.instance.id", &hostile)
        .with_attribute("deployment.environment.name", &hostile)
        .build()
        .unwrap();
    let (stack, guard, lines) = stack(otel_log_bridge::LogBridge::builder(&resource));
    tracing::subscriber::with_default(stack, || log(metadata, &values));
    let report = guard.flush(PATIENCE);

    assert_eq!((report.written(), report.dropped()), (1, 0));
    let line = lines.lines().remove(0);
    assert!(line.len() < MAX_LINE, "{}", line.len());
    assert!(line.len() > MAX_LINE - 8 * 1024, "{}", line.len());
    let record = parse(&line);
    let dropped = record["otel.dropped_attributes_count"].as_u64().unwrap();
    assert_eq!(report.stats().dropped_fields(), dropped);
}

#[test]
fn long_keys_that_are_cut_alike_do_not_repeat() {
    let names = ["a", "b"].map(|end| format!("{}{end}", "k".repeat(300)));
    let metadata = callsite("long", "t", &names);
    let lines = lines_of(|| log(metadata, &[&1_i64, &2_i64]));
    assert_eq!(lines[0].matches("kkk…[truncated").count(), 1);
    assert!(
        lines[0].contains(r#"[truncated 45 bytes]":2,"#),
        "{lines:?}"
    );
}

#[test]
fn more_callsites_than_the_table_holds_are_still_written() {
    let (stack, guard, lines) = stack(builder());
    tracing::subscriber::with_default(stack, || {
        for n in 0..6_000 {
            let names = [format!("f{n}")];
            log(callsite("n", "t", &names), &[&1_i64]);
            guard.flush(PATIENCE);
        }
    });
    let stats = guard.stats();
    assert_eq!((stats.written(), stats.dropped()), (6_000, 0));
    assert!(stats.unplanned() >= 6_000 - 4_096);
    for (n, line) in lines.lines().iter().enumerate() {
        assert!(line.contains(&format!(r#","f{n}":1,"#)), "{line}");
    }
}
