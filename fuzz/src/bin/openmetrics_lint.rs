//! Any bytes as an OpenMetrics text: findings are of lines there are, and what has none still has none
//! after changes that mean nothing.

use std::process::ExitCode;

use otel_metrics_guard::openmetrics::{Rule, lint};

const SEEDS: &[&[u8]] = &[
    b"# TYPE target info\n# HELP target a\ntarget_info{a=\"b\",c=\"d\"} 1\n# EOF\n",
    b"# TYPE n counter\n# HELP n a \\\"b\\\" \\\\ \\n\nn_total{a=\"\\\\\\\"\\n#\"} 3 # {trace_id=\"0af7\"} 1 1.5\n\
      n_created{a=\"\\\\\\\"\\n#\"} 1e9\nn_total 1 2\nn_created 1 2\n# EOF\n",
    b"# TYPE d_seconds histogram\n# UNIT d_seconds seconds\nd_seconds_bucket{le=\"0.1\"} 1 # {} 0.05\n\
      d_seconds_bucket{le=\"1e+06\"} 2\nd_seconds_bucket{le=\"+Inf\"} 3 # {k=\"v\"} 1e9 1\n\
      d_seconds_sum 1.5\nd_seconds_count 3\n# EOF\n",
    b"# TYPE s stateset\ns{s=\"a\"} 1\ns{s=\"b\"} 0\n# TYPE q summary\nq{quantile=\"0.5\"} NaN\nq_sum 1\n\
      q_count 2\n# TYPE g gaugehistogram\ng_bucket{le=\"-1\"} 1\ng_bucket{le=\"+Inf\"} 2\ng_gcount 2\n\
      g_gsum -3\n# TYPE u unknown\nu -Inf\n# EOF\n",
];

const DICTIONARY: &[&[u8]] = &[
    b"\n",
    b" ",
    b"# ",
    b"# TYPE ",
    b"# UNIT ",
    b"# HELP ",
    b"# EOF",
    b"{",
    b"}",
    b"\"",
    b",",
    b"=",
    b"\\",
    b" # {",
    b"_total",
    b"_created",
    b"_bucket",
    b"_sum",
    b"_count",
    b"_info",
    b"_gsum",
    b"le=",
    b"quantile=",
    b"counter",
    b"histogram",
    b"stateset",
    b"+Inf",
    b"NaN",
    b"1e+06",
    b"-1",
    b"0.5",
    b"\xff",
    b"\0",
    b"\r",
    b"\xc3\xbc",
];

fn main() -> ExitCode {
    otel_fuzz::run(SEEDS, DICTIONARY, |input| {
        let lines = 1 + input.iter().filter(|byte| **byte == b'\n').count();
        match lint(input) {
            Ok(summary) => {
                assert!(std::str::from_utf8(input).is_ok());
                assert!(input.trim_ascii_end().ends_with(b"# EOF"));
                assert!(summary.samples() <= lines && summary.families() <= lines);
                assert!(summary.exemplars() <= summary.samples());
                check_changes(input, summary.samples());
            }
            Err(findings) => {
                assert!(!findings.is_empty());
                for finding in &findings {
                    assert!((1..=lines).contains(&finding.line()), "{finding}");
                    assert!(finding.to_string().contains(finding.rule().id()));
                }
                let is_text = std::str::from_utf8(input).is_ok();
                let is_encoding = findings.iter().any(|found| found.rule() == Rule::Encoding);
                assert_eq!(is_encoding, !is_text);
            }
        }
    })
}

fn check_changes(input: &[u8], samples: usize) {
    // One more family of a name that no other can have is one more sample.
    let name = "x".repeat(input.len().min(1024) + 1);
    let first = [format!("# TYPE {name} gauge\n{name} 1\n").as_bytes(), input].concat();
    if !input
        .windows(name.len())
        .any(|window| window == name.as_bytes())
    {
        assert_eq!(
            lint(&first).map(|summary| summary.samples()),
            Ok(samples + 1)
        );
    }
    // Nothing follows the end, and nothing is without it.
    assert!(lint([input, b"\n\n"].concat()).is_err());
    let end = input.len() - b"# EOF\n".len().min(input.len());
    assert!(lint(&input[..end]).is_err());
}
