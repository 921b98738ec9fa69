//! Bound instruments: their measurements are counted, whoever turned the feature of the API on.

use opentelemetry::{KeyValue, Value};
use otel_core::registry::Event;

use super::meter::measure;
use crate::expositions::samples;

fn kv(name: &'static str, value: impl Into<Value>) -> [KeyValue; 1] {
    [KeyValue::new(name, value)]
}

#[test]
fn every_bound_measurement_is_counted() {
    let registry = measure(|meter| {
        let n = meter.u64_counter("a.n").build();
        let bound = n.bind(&kv("k", 1));
        for _ in 0..1_000 {
            bound.add(2);
            n.add(1, &kv("k", 1));
        }
        drop(n);
        bound.clone().add(1);

        meter.f64_counter("b.x").build().bind(&kv("k", 1)).add(0.5);
        let open = meter.i64_up_down_counter("c.open").build();
        open.bind(&kv("k", 1)).add(-3);
        let load = meter.f64_up_down_counter("d.load").build();
        load.bind(&kv("k", 1)).add(-0.5);
        meter.u64_gauge("e.u").build().bind(&kv("k", 1)).record(7);
        meter.i64_gauge("f.i").build().bind(&kv("k", 1)).record(-7);
        meter.f64_gauge("g.f").build().bind(&kv("k", 1)).record(0.5);
        let rows = meter.u64_histogram("h.rows").build().bind(&kv("k", 1));
        let wait = meter.f64_histogram("i.wait").build().bind(&kv("k", 1));
        for i in 0..10 {
            rows.record(i);
            wait.record(0.5);
        }
    });
    for (family, expected) in [
        ("a_n", r#"a_n_total{k="1"} 3001"#),
        ("b_x", r#"b_x_total{k="1"} 0.5"#),
        ("c_open", r#"c_open{k="1"} -3"#),
        ("d_load", r#"d_load{k="1"} -0.5"#),
        ("e_u", r#"e_u{k="1"} 7"#),
        ("f_i", r#"f_i{k="1"} -7"#),
        ("g_f", r#"g_f{k="1"} 0.5"#),
        ("h_rows_sum", r#"h_rows_sum{k="1"} 45"#),
        ("h_rows_count", r#"h_rows_count{k="1"} 10"#),
        ("i_wait_sum", r#"i_wait_sum{k="1"} 5"#),
    ] {
        assert_eq!(samples(&registry, family), [expected]);
    }
}

#[test]
fn bound_and_unbound_measurements_meet_in_one_series_whatever_the_order() {
    let registry = measure(|meter| {
        let n = meter.u64_counter("n").build();
        let [a, b] = [KeyValue::new("a", 1.5), KeyValue::new("b", "x")];
        n.bind(&[b.clone(), a.clone()]).add(1);
        n.bind(&[a.clone(), b.clone()]).add(10);
        n.add(100, &[b, a]);
    });
    assert_eq!(samples(&registry, "n"), [r#"n_total{a="1.5",b="x"} 111"#]);
}

#[test]
fn handles_bound_beyond_the_budget_count_where_they_fold() {
    let registry = measure(|meter| {
        let n = meter.u64_counter("n").build();
        let bound: Vec<_> = (0..150).map(|id| n.bind(&kv("id", id))).collect();
        for handle in &bound {
            handle.add(1);
        }
    });
    let folded = samples(&registry, r#"n_total{id="__other__"}"#);
    assert_eq!(folded, [r#"n_total{id="__other__"} 50"#]);
    assert_eq!(registry.report().count(Event::FoldedLabelValue), 50);
}
