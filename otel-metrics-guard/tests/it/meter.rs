//! What is measured with the OTel metrics API is what a scrape shows.

use opentelemetry::metrics::{Meter, MeterProvider as _};
use opentelemetry::{Array, InstrumentationScope, KeyValue, StringValue, Value};
use otel_core::cardinality::Budget;
use otel_core::registry::{Buckets, ConflictReason, Event, Kind, Registry};
use otel_metrics_guard::MeterProvider;

use crate::expositions::{registry, sampled, samples};

/// Runs `code` with a meter of a registry of its own.
pub(crate) fn measure(code: impl FnOnce(&Meter)) -> Registry {
    let registry = registry().build().unwrap();
    code(&MeterProvider::new(&registry).meter("shop"));
    registry
}

fn kv(name: &'static str, value: impl Into<Value>) -> KeyValue {
    KeyValue::new(name, value)
}

#[test]
fn every_synchronous_instrument_measures() {
    let registry = measure(|meter| {
        meter.u64_counter("a.count").build().add(3, &[]);
        meter.f64_counter("b.cost").build().add(0.25, &[]);
        let open = meter.i64_up_down_counter("c.open").build();
        open.add(5, &[]);
        open.add(-7, &[]);
        let load = meter.f64_up_down_counter("d.load").build();
        load.add(0.5, &[]);
        load.add(-1.0, &[]);
        meter.u64_gauge("e.depth").build().record(7, &[]);
        meter.i64_gauge("f.delta").build().record(-7, &[]);
        meter.f64_gauge("g.ratio").build().record(0.5, &[]);
        let size = meter
            .u64_histogram("h.rows")
            .with_boundaries(vec![1.0, 10.0]);
        size.build().record(7, &[]);
        let wait = meter.f64_histogram("i.wait").with_boundaries(vec![]);
        wait.build().record(0.5, &[]);
    });
    for (family, kind, expected) in [
        ("a_count", Kind::Counter, &["a_count_total 3"][..]),
        ("b_cost", Kind::Counter, &["b_cost_total 0.25"]),
        ("c_open", Kind::UpDownCounter, &["c_open -2"]),
        ("d_load", Kind::UpDownCounter, &["d_load -0.5"]),
        ("e_depth", Kind::Gauge, &["e_depth 7"]),
        ("f_delta", Kind::Gauge, &["f_delta -7"]),
        ("g_ratio", Kind::Gauge, &["g_ratio 0.5"]),
        (
            "h_rows",
            Kind::Histogram,
            &[
                r#"h_rows_bucket{le="1.0"} 0"#,
                r#"h_rows_bucket{le="10.0"} 1"#,
                r#"h_rows_bucket{le="+Inf"} 1"#,
                "h_rows_sum 7",
                "h_rows_count 1",
            ],
        ),
        (
            "i_wait",
            Kind::Histogram,
            &[
                r#"i_wait_bucket{le="+Inf"} 1"#,
                "i_wait_sum 0.5",
                "i_wait_count 1",
            ],
        ),
    ] {
        assert_eq!(samples(&registry, family), expected);
        assert_eq!(registry.collect().family(family).unwrap().kind(), kind);
    }
}

#[test]
fn attributes_in_any_order_are_one_series() {
    let registry = measure(|meter| {
        let n = meter.u64_counter("n").build();
        let [a, b, c] = [kv("a", "1"), kv("b", 2), kv("c", true)];
        for [x, y, z] in [
            [&a, &b, &c],
            [&a, &c, &b],
            [&b, &a, &c],
            [&b, &c, &a],
            [&c, &a, &b],
            [&c, &b, &a],
        ] {
            n.add(1, &[x.clone(), y.clone(), z.clone()]);
        }
    });
    assert_eq!(
        samples(&registry, "n"),
        [r#"n_total{a="1",b="2",c="true"} 6"#]
    );
}

#[test]
fn values_of_every_type_are_written_as_json_would() {
    let texts: Vec<StringValue> = vec!["a".into(), "b\"c".into()];
    for (value, expected) in [
        (Value::from("text"), "text"),
        (Value::from(String::from("owned")), "owned"),
        (Value::from(i64::MIN), "-9223372036854775808"),
        (Value::from(200.0), "200"),
        (Value::from(0.1), "0.1"),
        (Value::from(-0.0), "-0"),
        (Value::from(f64::NAN), "NaN"),
        (Value::from(f64::INFINITY), "Infinity"),
        (Value::from(f64::NEG_INFINITY), "-Infinity"),
        (Value::from(false), "false"),
        (Value::Array(Array::I64(vec![1, 2])), "[1,2]"),
        (Value::Array(Array::Bool(vec![])), "[]"),
        (Value::Array(texts.into()), r#"["a","b\"c"]"#),
    ] {
        let registry = measure(|meter| meter.u64_counter("n").build().add(1, &[kv("v", value)]));
        let snapshot = registry.collect();
        let series = snapshot.family("n").unwrap().series().next().unwrap();
        let (name, text) = series.label_pairs().next().unwrap();
        assert_eq!((name, &*text), ("v", expected));
    }
}

#[test]
fn attributes_beyond_every_limit_are_counted() {
    let registry = measure(|meter| {
        let n = meter.u64_counter("n").build();
        n.add(1, &[kv("a", "1"), kv("b", "x"), kv("a", 2)]);
        n.add(1, &[kv("le", "1"), kv("a", "2"), kv("b", "x"), kv("c", "")]);

        let many: Vec<_> = (0..40)
            .map(|i| KeyValue::new(format!("k{i:02}"), i))
            .collect();
        meter.u64_counter("many").build().add(1, &many);
        // Too long for the stack, and for a label.
        let long = Value::Array(Array::I64(vec![1; 2_000]));
        meter
            .u64_counter("long")
            .build()
            .add(1, &[kv("v", long.clone()), kv("w", long)]);
    });
    assert_eq!(samples(&registry, "n"), [r#"n_total{a="2",b="x"} 2"#]);
    let report = registry.report();
    let count = |family, event| report.family(family).unwrap().count(event);
    assert_eq!(count("n", Event::LabelDuplicate), 1);
    assert_eq!(count("n", Event::LabelReserved), 1);
    assert_eq!(count("many", Event::LabelSurplus), 40 - 16);
    assert_eq!(count("long", Event::LabelTruncated), 2);
    let snapshot = registry.collect();
    let many = snapshot.family("many").unwrap().series().next().unwrap();
    assert_eq!(many.label_pairs().count(), 16);
    let long = snapshot.family("long").unwrap().series().next().unwrap();
    assert!(long.label_pairs().all(|(_, value)| value.len() == 128));
}

#[test]
fn values_over_the_budget_fold_and_totals_stay() {
    let budget = Budget::default().with_label_values(3);
    let registry = registry().with_budget(budget).build().unwrap();
    let meter = MeterProvider::new(&registry).meter("shop");
    let (n, x) = (
        meter.u64_counter("n").build(),
        meter.f64_counter("x").build(),
    );
    for id in 0..1_000 {
        n.add(2, &[kv("id", id), kv("ok", true)]);
        x.add(0.5, &[kv("id", id)]);
    }
    assert_eq!(
        samples(&registry, "n"),
        [
            r#"n_total{id="0",ok="true"} 2"#,
            r#"n_total{id="1",ok="true"} 2"#,
            r#"n_total{id="2",ok="true"} 2"#,
            r#"n_total{id="__other__",ok="true"} 1994"#,
        ]
    );
    assert_eq!(
        samples(&registry, "x").last().unwrap(),
        r#"x_total{id="__other__"} 498.5"#
    );
}

#[test]
fn scope_unit_and_description_are_facts_of_the_family() {
    let registry = registry().build().unwrap();
    let provider = MeterProvider::new(&registry);
    let scope = InstrumentationScope::builder("pool")
        .with_version("1.2.3")
        .build();
    let meter = provider.meter_with_scope(scope);
    let wait = meter.f64_histogram("pool.wait");
    let _ = wait.with_unit("s").with_description("Waiting.").build();

    let snapshot = registry.collect();
    let family = snapshot.family("pool_wait_seconds").unwrap();
    assert_eq!(family.original_name(), "pool.wait");
    assert_eq!((family.scope(), family.scope_version()), ("pool", "1.2.3"));
    assert_eq!((family.ucum_unit(), family.help()), ("s", "Waiting."));
    assert_eq!(family.bounds(), Buckets::semconv_seconds().bounds());
}

#[test]
fn one_name_from_two_scopes_is_one_family_and_reported() {
    let registry = registry().build().unwrap();
    let provider = MeterProvider::new(&registry);
    for (scope, n) in [("first", 1), ("second", 2), ("first", 4)] {
        provider.meter(scope).u64_counter("n").build().add(n, &[]);
    }
    assert_eq!(samples(&registry, "n"), ["n_total 7"]);
    assert_eq!(registry.report().conflict_count(ConflictReason::Scope), 1);
    assert_eq!(registry.collect().family("n").unwrap().scope(), "first");
}

#[test]
fn names_that_cannot_be_exposed_and_second_kinds_work_and_are_reported() {
    let registry = measure(|meter| {
        for name in ["", "\u{e9}", "a\u{7}b", "otel.guard.x", "target.info"] {
            meter.u64_counter(name).build().add(1, &[kv("a", 1)]);
            meter.f64_gauge(name).build().record(1.0, &[]);
            meter
                .u64_observable_gauge(name)
                .with_callback(|g| g.observe(1, &[]))
                .build();
        }
        meter.u64_counter("n").build().add(1, &[]);
        meter.f64_counter("n").build().add(0.5, &[]);
        meter.i64_gauge("n").build().record(-1, &[]);
        meter.f64_histogram("n").build().record(0.5, &[]);
    });
    assert_eq!(samples(&registry, "n"), ["n_total 1"]);
    let report = registry.report();
    assert_eq!(report.families().len(), 1);
    assert_eq!(report.conflict_count(ConflictReason::Name), 15);
    assert_eq!(report.conflict_count(ConflictReason::Kind), 3);
}

#[test]
fn buckets_are_chosen_advised_or_those_of_the_unit() {
    let registry = registry().build().unwrap();
    let chosen = Buckets::explicit(&[9.0]).unwrap();
    let provider = MeterProvider::builder(&registry)
        .with_buckets_for("db.wait", chosen)
        .build();
    let meter = provider.meter("shop");
    for (name, unit, advice) in [
        ("db.wait.time", "s", Some(vec![1.0])),
        ("advised", "ms", Some(vec![1.0, 2.0])),
        ("milli", "ms", None),
        ("size", "By", None),
        ("falling", "s", Some(vec![2.0, 1.0])),
        ("negative", "", Some(vec![-1.0, 1.0])),
    ] {
        let mut builder = meter.f64_histogram(name).with_unit(unit);
        if let Some(bounds) = advice {
            builder = builder.with_boundaries(bounds);
        }
        let _ = builder.build();
    }
    let snapshot = registry.collect();
    let bounds = |name| snapshot.family(name).unwrap().bounds();
    assert_eq!(bounds("db_wait_time_seconds"), [9.0]);
    assert_eq!(bounds("advised_milliseconds"), [1.0, 2.0]);
    assert_eq!(bounds("milli_milliseconds")[..3], [5.0, 10.0, 25.0]);
    assert_eq!(bounds("size_bytes")[..2], [256.0, 1_024.0]);
    assert_eq!(bounds("falling_seconds")[0], 0.005);
    assert_eq!(bounds("negative")[..2], [0.0, 5.0]);
    assert_eq!(provider.lost_boundaries(), 2);
}

#[test]
fn measurements_in_a_sampled_span_leave_an_exemplar() {
    let registry = measure(|meter| {
        let _guard = sampled().attach();
        meter.u64_counter("n").build().add(1, &[]);
        meter.f64_counter("x").build().add(0.5, &[]);
    });
    let snapshot = registry.collect();
    for (family, value) in [("n", 1.0), ("x", 0.5)] {
        let series = snapshot.family(family).unwrap().series().next().unwrap();
        assert_eq!(series.exemplar().unwrap().value(), value);
        assert!(samples(&registry, family)[0].contains("# {trace_id=\"0af76519"));
    }
}
