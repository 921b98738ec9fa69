//! Propagation: the wire formats as tables, the invariants as properties.
//!
//! In the tables `{trace}` and `{parent}` stand for the ids of the caller, `{child}` for the span
//! that calls on, and `{root}` for the trace that is started when the caller's cannot be used.

mod agreement;
mod hop;
mod round_trip;
mod traceparent;
mod tracestate;

use http::{HeaderMap, HeaderName, HeaderValue};

const TRACE: &str = "80e1afed08e019fc1110464cfa66635c";
const PARENT: &str = "7a085853722dc6d2";
const CHILD: &str = "fee1f10e31a4b0c2";
const ROOT: &str = "4e441824ec2b6a44ffdc9bb9a6453df3";

/// Header lines of a table, in order.
type Lines = [(&'static str, &'static str)];

fn expand(text: &str) -> String {
    text.replace("{trace}", TRACE)
        .replace("{parent}", PARENT)
        .replace("{child}", CHILD)
        .replace("{root}", ROOT)
}

fn header_map<'a>(lines: impl IntoIterator<Item = (&'a str, &'a str)>) -> HeaderMap {
    lines
        .into_iter()
        .map(|(name, value)| {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            (name, HeaderValue::from_str(&expand(value)).unwrap())
        })
        .collect()
}

/// What a map holds, in the order of the names, for comparing.
fn lines(headers: &HeaderMap) -> Vec<(String, String)> {
    let mut lines: Vec<_> = headers
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect();
    lines.sort();
    lines
}

fn expanded(table: &Lines) -> Vec<(String, String)> {
    let expand = |&(name, value): &(&str, &str)| (name.to_owned(), expand(value));
    table.iter().map(expand).collect()
}
