//! The linter as a command: what it prints and how it exits.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::io::Write;
use std::process::{Command, Output, Stdio};

const GOOD: &[u8] = b"# TYPE up gauge\nup 1\n# EOF\n";
const BAD: &[u8] = b"# TYPE n counter\nn_total -1\nn_total{\n# EOF\n";

#[test]
fn a_text_without_findings_prints_nothing() {
    for arguments in [&[][..], &["-"], &["--format", "json"]] {
        assert_eq!(outcome(&run(arguments, GOOD)), (0, String::new()));
    }
}

#[test]
fn findings_are_one_a_line() {
    let expected = "line 2: value: negative\nline 3: label: not name=\"value\"\n";
    assert_eq!(outcome(&run(&[], BAD)), (1, expected.to_owned()));
    let (code, json) = outcome(&run(&["--format", "json"], BAD));
    assert_eq!(code, 1);
    let first: serde_json::Value = serde_json::from_str(json.lines().next().unwrap()).unwrap();
    assert_eq!(first["line"], 2);
    assert_eq!(first["rule"], "value");
    assert_eq!(json.lines().count(), 2);
}

#[test]
fn bytes_that_are_no_text_are_a_finding() {
    let output = run(&[], b"up 1\nup{a=\"\xff\"} 1\n# EOF\n");
    assert_eq!(
        outcome(&output),
        (1, "line 2: encoding: not UTF-8\n".to_owned())
    );
}

#[test]
fn a_file_is_read_by_name() {
    let path = concat!(env!("CARGO_TARGET_TMPDIR"), "/exposition.txt");
    std::fs::write(path, BAD).unwrap();
    assert_eq!(outcome(&run(&[path], GOOD)).0, 1);
}

#[test]
fn what_cannot_be_read_is_told_from_what_is_wrong() {
    for arguments in [
        &["there/is/no/such/file"][..],
        &["--format", "xml"],
        &["--fromat"],
        &["one", "two"],
    ] {
        let output = run(arguments, GOOD);
        assert_eq!(outcome(&output), (2, String::new()), "{arguments:?}");
        assert!(output.stderr.starts_with(b"openmetrics-lint: "));
    }
}

#[test]
fn help_says_how() {
    let (code, text) = outcome(&run(&["--help"], b""));
    assert_eq!(code, 0);
    assert!(text.starts_with("usage: openmetrics-lint"));
}

fn run(arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_openmetrics-lint"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It does not read its input in every case.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

fn outcome(output: &Output) -> (i32, String) {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    (output.status.code().unwrap(), text)
}
