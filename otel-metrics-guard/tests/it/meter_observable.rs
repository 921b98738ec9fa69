//! Observable instruments are asked when the registry is read.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use opentelemetry::KeyValue;
use otel_core::registry::SourceFault;

use super::meter::measure;
use crate::expositions::samples;

#[test]
fn every_observable_instrument_is_asked() {
    let attributes = || [KeyValue::new("k", 1), KeyValue::new("on", true)];
    let registry = measure(|meter| {
        let a = meter.u64_observable_counter("a.n").with_unit("By");
        a.with_callback(move |n| n.observe(7, &attributes()))
            .build();
        let b = meter.f64_observable_counter("b.x");
        b.with_callback(move |x| x.observe(0.5, &attributes()))
            .build();
        let c = meter.i64_observable_up_down_counter("c.open");
        c.with_callback(move |n| n.observe(-7, &attributes()))
            .build();
        let d = meter.f64_observable_up_down_counter("d.load");
        d.with_callback(move |x| x.observe(-0.5, &attributes()))
            .build();
        let e = meter.u64_observable_gauge("e.u");
        e.with_callback(move |v| v.observe(7, &attributes()))
            .build();
        let f = meter.i64_observable_gauge("f.i");
        f.with_callback(move |v| v.observe(-7, &attributes()))
            .build();
        let g = meter.f64_observable_gauge("g.f");
        g.with_callback(move |v| v.observe(0.5, &attributes()))
            .build();
    });
    for (family, expected) in [
        ("a_n", r#"a_n_bytes_total{k="1",on="true"} 7"#),
        ("b_x", r#"b_x_total{k="1",on="true"} 0.5"#),
        ("c_open", r#"c_open{k="1",on="true"} -7"#),
        ("d_load", r#"d_load{k="1",on="true"} -0.5"#),
        ("e_u", r#"e_u{k="1",on="true"} 7"#),
        ("f_i", r#"f_i{k="1",on="true"} -7"#),
        ("g_f", r#"g_f{k="1",on="true"} 0.5"#),
    ] {
        assert_eq!(samples(&registry, family), [expected]);
    }
    assert_eq!(registry.report().sources(), 7);
}

#[test]
fn nothing_is_asked_before_somebody_reads_and_then_once_a_second() {
    let asked = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&asked);
    let registry = measure(|meter| {
        let n = meter.u64_observable_counter("n");
        n.with_callback(move |n| n.observe(count.fetch_add(1, Ordering::Relaxed) + 1, &[]))
            .build();
    });
    assert_eq!(asked.load(Ordering::Relaxed), 0);
    for _ in 0..10 {
        assert_eq!(samples(&registry, "n"), ["n_total 1"]);
    }
}

#[test]
fn several_callbacks_of_an_instrument_are_asked_and_one_that_panics_harms_no_other() {
    let registry = measure(|meter| {
        meter
            .i64_observable_up_down_counter("open")
            .with_callback(|n| n.observe(1, &[KeyValue::new("pool", "a")]))
            .with_callback(|_| panic!("a callback"))
            .with_callback(|n| n.observe(2, &[KeyValue::new("pool", "b")]))
            .build();
    });
    assert_eq!(
        samples(&registry, "open"),
        [r#"open{pool="a"} 1"#, r#"open{pool="b"} 2"#]
    );
    let report = registry.report();
    assert_eq!(report.sources(), 3);
    assert_eq!(report.source_fault_count(SourceFault::Panicked), 1);
}

#[test]
fn totals_over_the_budget_add_up_where_they_fold() {
    let registry = measure(|meter| {
        let n = meter.u64_observable_counter("n");
        n.with_callback(|n| (0..150).for_each(|id| n.observe(10, &[KeyValue::new("id", id)])))
            .build();
    });
    let folded = samples(&registry, r#"n_total{id="__other__"}"#);
    assert_eq!(folded, [r#"n_total{id="__other__"} 500"#]);
}
