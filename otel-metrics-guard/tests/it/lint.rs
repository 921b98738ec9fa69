//! The linter finds what it should, where it is, and nothing else.

use otel_metrics_guard::openmetrics::{Rule, lint};
use proptest::prelude::*;

#[test]
fn texts_that_keep_the_rules_have_no_findings() {
    for text in [
        "",
        "up 1\n",
        "up{} NaN\n",
        "# HELP up \n# UNIT up \n",
        "# TYPE up gauge\n# UNIT up \nup -Inf\n",
        "# TYPE load gauge\nload{over=\"1m\"} 1 5\nload{over=\"1m\"} 2 5\nload{over=\"1m\"} 2 6.5\n",
        "# TYPE n counter\nn_total{a=\"x \\\" # }\"} 1 # {} 1\nn_created{a=\"x \\\" # }\"} 1e9\n",
        "# TYPE n counter\n# TYPE n_x counter\nn_x_total 1\n",
        "# TYPE t_seconds counter\n# UNIT t_seconds seconds\nt_seconds_total 1\n",
        "# TYPE build info\nbuild_info{version=\"1\"} 1\n",
        "# TYPE s stateset\ns{s=\"on\"} 1\ns{s=\"off\"} 0\n",
        "# TYPE q summary\nq{quantile=\"0.5\"} NaN\nq{quantile=\"1\"} 2\nq_count 2\nq_sum 3\n",
        "# TYPE h histogram\nh_bucket{le=\"1\"} 1 # {id=\"x\"} 0.5 6\nh_bucket{le=\"+Inf\"} 2\n\
         h_count 2\nh_sum 3.5\n",
        "# TYPE h histogram\nh_bucket{a=\"1\",le=\"+Inf\"} 2\nh_bucket{le=\"+Inf\",a=\"2\"} 1\n",
        "# TYPE h histogram\nh_bucket{le=\"+Inf\"} 2 1\nh_bucket{le=\"+Inf\"} 1 2\n",
        "# TYPE h gaugehistogram\nh_bucket{le=\"-1\"} 1\nh_bucket{le=\"+Inf\"} 1\nh_gcount 1\nh_gsum -2\n",
    ] {
        let found = lint(format!("{text}# EOF\n"));
        assert!(found.is_ok(), "{text}{found:?}");
    }
    assert!(lint("up 1\n# EOF").is_ok());
}

#[test]
fn each_rule_is_found_where_it_is_broken() {
    for (text, line, rule) in [
        ("\n", 1, Rule::Line),
        ("# note\n", 1, Rule::Line),
        ("#up 1\n", 1, Rule::Line),
        (" up 1\n", 1, Rule::Space),
        ("up  1\n", 1, Rule::Space),
        ("up 1 \n", 1, Rule::Space),
        ("up{a=\"b\"}1\n", 1, Rule::Space),
        ("up.time 1\n", 1, Rule::Name),
        ("# TYPE 1 gauge\n", 1, Rule::Name),
        ("up{a:b=\"1\"} 1\n", 1, Rule::Label),
        ("up{a=1} 1\n", 1, Rule::Label),
        ("up{a=\"1} 1\n", 1, Rule::Label),
        ("up{a=\"1\",} 1\n", 1, Rule::Label),
        ("up{a=\"1\",a=\"2\"} 1\n", 1, Rule::Label),
        ("up 0x1\n", 1, Rule::Number),
        ("up one\n", 1, Rule::Number),
        ("up 1 NaN\n", 1, Rule::Timestamp),
        ("up 1 5\nup 1\n", 2, Rule::Timestamp),
        ("up 1 5\nup 1 4\n", 2, Rule::Timestamp),
        ("# HELP up\n", 1, Rule::Metadata),
        ("# HELP up a\n# HELP up a\n", 2, Rule::Metadata),
        ("up 1\n# TYPE up gauge\n", 2, Rule::Metadata),
        ("# TYPE up untyped\n", 1, Rule::Type),
        ("# TYPE up gauge \n", 1, Rule::Type),
        ("# UNIT up seconds\n", 1, Rule::Unit),
        ("# UNIT seconds seconds\n", 1, Rule::Unit),
        ("# TYPE a_s info\n# UNIT a_s s\n", 1, Rule::Unit),
        ("# TYPE a gauge\n# TYPE b gauge\na 1\n", 3, Rule::Clash),
        ("# TYPE a_created gauge\n# TYPE a counter\n", 2, Rule::Clash),
        ("# TYPE a counter\na 1\n", 2, Rule::Clash),
        ("up{a=\"1\"} 1\nup 1\nup{a=\"1\"} 1\n", 3, Rule::Grouping),
        (
            "up{a=\"1\",b=\"2\"} 1\nup{b=\"2\",a=\"1\"} 1\n",
            2,
            Rule::Grouping,
        ),
        ("# TYPE a counter\na_total NaN\n", 2, Rule::Value),
        ("# TYPE a counter\na_total -1\n", 2, Rule::Value),
        ("# TYPE a info\na_info 2\n", 2, Rule::Value),
        ("# TYPE a stateset\na{a=\"x\"} 2\n", 2, Rule::Value),
        ("# TYPE a summary\na_count 1.5\n", 2, Rule::Value),
        ("# TYPE a summary\na{quantile=\"0.5\"} -1\n", 2, Rule::Value),
        ("# TYPE a summary\na 1\n", 2, Rule::TypeLabel),
        (
            "# TYPE a summary\na{quantile=\"1.1\"} 1\n",
            2,
            Rule::TypeLabel,
        ),
        ("# TYPE a stateset\na{b=\"x\"} 1\n", 2, Rule::TypeLabel),
        ("# TYPE a counter\na_created 1 # {} 1\n", 2, Rule::Exemplar),
        ("# TYPE a gauge\na 1 # {} 1\n", 2, Rule::Exemplar),
        (
            "# TYPE a counter\na_total 1 # x=\"1\"} 1\n",
            2,
            Rule::Exemplar,
        ),
    ] {
        let findings = lint(format!("{text}# EOF\n")).unwrap_err();
        let [found] = &*findings else {
            panic!("{text}{findings:?}");
        };
        assert_eq!((found.line(), found.rule()), (line, rule), "{text}{found}");
    }
}

#[test]
fn a_histogram_agrees_with_itself() {
    for (samples, line) in [
        ("h_bucket{le=\"1\"} 1", 2),
        ("h_bucket{le=\"+Inf\"} 1\nh_count 1", 3),
        ("h_bucket{le=\"+Inf\"} 1\nh_sum 1", 3),
        ("h_bucket{le=\"+Inf\"} 1\nh_count 2\nh_sum 1", 4),
        ("h_count 2\nh_sum 1", 3),
        (
            "h_bucket{le=\"2\"} 1\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 1",
            3,
        ),
        ("h_bucket{le=\"1\"} 2\nh_bucket{le=\"+Inf\"} 1", 3),
        (
            "h_bucket{le=\"-1\"} 1\nh_bucket{le=\"+Inf\"} 1\nh_count 1\nh_sum 1",
            5,
        ),
    ] {
        let findings = lint(format!("# TYPE h histogram\n{samples}\n# EOF\n")).unwrap_err();
        let first = &findings[0];
        assert_eq!(
            (first.line(), first.rule()),
            (line, Rule::Histogram),
            "{samples} {first}"
        );
    }
    // The label is compared as text, so that a bound has one spelling where it must be found.
    let text = "# TYPE h histogram\nh_bucket{le=\"inf\"} 1\nh_bucket{le=\"+Inf\"} 1\n# EOF\n";
    assert_eq!(lint(text).unwrap_err()[0].rule(), Rule::TypeLabel);
    let text = "# TYPE h histogram\nh_bucket 1\nh_bucket{le=\"NaN\"} 1\n# EOF\n";
    let findings = lint(text).unwrap_err();
    let labels = findings.iter().filter(|f| f.rule() == Rule::TypeLabel);
    assert_eq!(labels.count(), 2);
    let text = "# TYPE h histogram\nh_bucket{le=\"1\"} 1 # {} 2\nh_bucket{le=\"+Inf\"} 1\n# EOF\n";
    assert_eq!(lint(text).unwrap_err()[0].rule(), Rule::Exemplar);
}

#[test]
fn exemplars_have_room_for_128_characters() {
    let text =
        |value: String| format!("# TYPE a counter\na_total 1 # {{k=\"{value}\"}} 1\n# EOF\n");
    // Characters, not bytes; an escape is one.
    assert!(lint(text("☃".repeat(127))).is_ok());
    assert!(lint(text("\\\\".repeat(127))).is_ok());
    assert!(lint(text("x".repeat(128))).is_err());
}

#[test]
fn the_text_ends_where_it_says() {
    for (text, line) in [
        ("", 1),
        ("up 1\n", 1),
        ("up 1\n# EOFx", 2),
        ("# EOF\n\n", 2),
        ("# EOF\nup 1\n", 2),
    ] {
        let findings = lint(text).unwrap_err();
        let eof = findings.iter().find(|found| found.rule() == Rule::Eof);
        assert_eq!(eof.map(|found| found.line()), Some(line), "{text:?}");
    }
}

#[test]
fn bytes_that_are_no_text_are_found_where_they_are() {
    let findings = lint(b"up 1\nup{a=\"\xc3\x28\"} 1\n# EOF\n").unwrap_err();
    assert_eq!(findings.len(), 1);
    assert_eq!(
        (findings[0].line(), findings[0].rule()),
        (2, Rule::Encoding)
    );
}

#[test]
fn everything_is_found_and_counted() {
    let text = "# TYPE a counter\na_total -1\na_total{b} 1\nc 1x\n";
    let findings = lint(text).unwrap_err();
    let found: Vec<_> = findings.iter().map(ToString::to_string).collect();
    assert_eq!(
        found,
        [
            "line 2: value: negative",
            "line 3: label: not name=\"value\"",
            "line 4: number: the value is not a number",
            "line 4: eof: the text does not end with # EOF",
        ]
    );
    let summary = lint("# TYPE a counter\na_total 1 # {} 1\nb 1\n# EOF\n").unwrap();
    assert_eq!(
        [summary.families(), summary.samples(), summary.exemplars()],
        [2, 2, 1]
    );
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "([a-b#{}=\",\\\\ \n1.e+-]|# TYPE a |histogram|_bucket|le=|# EOF){0,40}") {
        let _ = lint(&text);
    }
}
