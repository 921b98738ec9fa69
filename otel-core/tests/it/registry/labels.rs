//! How a label set becomes a series.

use otel_core::registry::{Event, Registry};

use super::{texts, total};

#[test]
fn a_label_set_is_rendered_in_canonical_form() {
    let long = "x".repeat(200);
    let cut = format!("k=\"{}\"", "x".repeat(128));
    let umlauts = "ä".repeat(100);
    let cut_umlauts = format!("k=\"{}\"", "ä".repeat(64));
    let sixteen: Vec<_> = (0..20).map(|i| format!("l{i:02}")).collect();
    let twenty: Vec<_> = sixteen
        .iter()
        .rev()
        .map(|name| (name.as_str(), "v"))
        .collect();
    let first_sixteen: Vec<_> = sixteen[..16]
        .iter()
        .map(|name| format!("{name}=\"v\""))
        .collect();
    let first_sixteen = first_sixteen.join(",");

    let cases: &[(&[(&str, &str)], &str)] = &[
        (&[], ""),
        (&[("method", "GET")], r#"method="GET""#),
        (&[("b", "2"), ("a", "1")], r#"a="1",b="2""#),
        (
            &[("http.route", "/x"), ("http.method", "GET")],
            r#"http_method="GET",http_route="/x""#,
        ),
        (&[("a", ""), ("b", "2")], r#"b="2""#),
        (&[("a", "1"), ("a", "2")], r#"a="2""#),
        (&[("a.b", "1"), ("a_b", "2")], r#"a_b="2""#),
        (
            &[
                ("le", "1"),
                ("quantile", "1"),
                ("__name__", "x"),
                ("ok", "1"),
            ],
            r#"ok="1""#,
        ),
        (&[("", "1")], ""),
        (&[("k", "a\\b")], r#"k="a\\b""#),
        (&[("k", "say \"hi\"\n")], r#"k="say \"hi\"\n""#),
        (&[("k", "\\"), ("l", "\"")], r#"k="\\",l="\"""#),
        (&[("k", "ünï\u{0}\r")], "k=\"ünï\u{0}\r\""),
        (&[("k", &long)], &cut),
        (&[("k", &umlauts)], &cut_umlauts),
        (&[("4xx", "1")], r#"_4xx="1""#),
        (&twenty, &first_sixteen),
    ];
    for (labels, expected) in cases {
        let registry = Registry::new();
        let family = registry.counter("n");
        family.add(labels, 1);
        assert_eq!(texts(&registry, "n"), [*expected]);
        family.with(labels).inc();
        family.with(labels).inc();
        assert_eq!(total(&registry, "n", expected), 3);
    }
}

#[test]
fn order_and_spelling_do_not_matter() {
    let registry = Registry::new();
    let family = registry.counter("n");
    let sets: [&[(&str, &str)]; 7] = [
        &[
            ("http.request.method", "GET"),
            ("http.route", "/x"),
            ("status", "200"),
        ],
        &[
            ("status", "200"),
            ("http.route", "/x"),
            ("http.request.method", "GET"),
        ],
        &[
            ("http_route", "/x"),
            ("http_request_method", "GET"),
            ("status", "200"),
        ],
        &[
            ("http-route", "/x"),
            ("http/request/method", "GET"),
            ("status", "200"),
        ],
        &[
            ("http.route", "/x"),
            ("", "y"),
            ("status", "200"),
            ("http.request.method", "GET"),
        ],
        &[
            ("none", ""),
            ("http.route", "/x"),
            ("status", "200"),
            ("http.request.method", "GET"),
        ],
        &[
            ("status", "1"),
            ("http.route", "/x"),
            ("status", "200"),
            ("http.request.method", "GET"),
        ],
    ];
    for _ in 0..3 {
        for set in sets {
            family.add(set, 1);
        }
    }
    let text = r#"http_request_method="GET",http_route="/x",status="200""#;
    assert_eq!(texts(&registry, "n"), [text]);
    assert_eq!(total(&registry, "n", text), 21);
}

#[test]
fn values_that_look_alike_when_rendered_stay_apart() {
    let registry = Registry::new();
    let family = registry.counter("n");
    let sets: [&[(&str, &str)]; 9] = [
        &[("a", "x"), ("b", "y")],
        &[("a", "x\",b=\"y")],
        &[("a", "x\\\",b=\\\"y")],
        &[("a", "\\")],
        &[("a", "\\\\")],
        &[("a", "\n")],
        &[("a", "\\n")],
        &[("a", "x\",b=\""), ("b", "y")],
        &[("a", "y"), ("b", "x")],
    ];
    for (n, set) in (1..).zip(sets) {
        family.add(set, n);
    }
    let snapshot = registry.collect();
    let family = snapshot.family("n").unwrap();
    assert_eq!(family.len(), sets.len());
    for (n, set) in (1..).zip(sets) {
        let mut matching = family.series().filter(|series| {
            series
                .label_pairs()
                .eq(set.iter().map(|(name, value)| (*name, (*value).into())))
        });
        assert_eq!(
            matching.next().unwrap().value().as_counter(),
            Some(n),
            "{set:?}"
        );
        assert!(matching.next().is_none());
    }
}

#[test]
fn what_was_altered_is_counted() {
    let registry = Registry::new();
    let family = registry.counter("n");
    let long = "x".repeat(129);
    for _ in 0..2 {
        family.add(&[("a", "1"), ("a", "2"), ("le", "3"), ("long", &long)], 1);
    }
    let twenty: Vec<_> = (0..20).map(|i| format!("l{i:02}")).collect();
    let twenty: Vec<_> = twenty.iter().map(|name| (name.as_str(), "v")).collect();
    family.add(&twenty, 1);

    let report = registry.report();
    let report = report.family("n").unwrap();
    assert_eq!(report.count(Event::LabelDuplicate), 2);
    assert_eq!(report.count(Event::LabelReserved), 2);
    assert_eq!(report.count(Event::LabelTruncated), 2);
    assert_eq!(report.count(Event::LabelSurplus), 4);
    assert_eq!(report.folded(), 0);
    assert_eq!(
        total(
            &registry,
            "otel_guard_labels_altered",
            r#"reason="truncated""#
        ),
        2
    );
}

#[test]
fn label_names_made_up_at_run_time_are_bounded() {
    let registry = Registry::new();
    let family = registry.counter("n");
    for i in 0..10_000 {
        family.add(&[(&format!("name{i}"), "v")], 1);
    }
    let report = registry.report();
    let report = report.family("n").unwrap();
    assert!(report.labels().len() <= 32);
    assert_eq!(report.series(), report.labels().len() + 1);
    assert_eq!(report.count(Event::LabelSurplus), 10_000 - 32);
    assert_eq!(super::sum(&registry, "n"), 10_000);
}

#[test]
fn the_original_label_names_are_kept() {
    let registry = Registry::new();
    registry
        .counter("n")
        .add(&[("http.route", "/x"), ("plain", "1")], 1);
    let snapshot = registry.collect();
    let family = snapshot.family("n").unwrap();
    assert_eq!(family.original_label_name("http_route"), "http.route");
    assert_eq!(family.original_label_name("plain"), "plain");
}
