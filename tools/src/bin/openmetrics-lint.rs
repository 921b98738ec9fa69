//! Holds an OpenMetrics 1.0 exposition against the rules of the format.
//!
//! ```text
//! curl -H 'Accept: application/openmetrics-text' localhost:9464/metrics | openmetrics-lint
//! ```
//!
//! One finding a line on standard output, `line 3: histogram: no +Inf bucket`, or with `--format json`
//! an object a line. Exit code 0 when there are none, 1 when there are some, 2 when nothing could be
//! read.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read, Write};
use std::process::ExitCode;

use otel_metrics_guard::openmetrics::{Finding, lint};
use serde_json::json;

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            // A standard error that is closed leaves nobody to tell.
            let _ = writeln!(io::stderr(), "openmetrics-lint: {error}");
            ExitCode::from(2)
        }
    }
}

/// Whether there are no findings.
fn run() -> Result<bool, Box<dyn std::error::Error>> {
    let Some(options) = Options::parse(lexopt::Parser::from_env())? else {
        writeln!(io::stdout(), "{USAGE}")?;
        return Ok(true);
    };
    let text = read(options.file.as_ref())?;
    let findings = lint(text).err().unwrap_or_default();
    let mut out = io::BufWriter::new(io::stdout().lock());
    for finding in &findings {
        match options.format {
            Format::Text => writeln!(out, "{finding}")?,
            Format::Json => writeln!(out, "{}", json(finding))?,
        }
    }
    out.flush()?;
    Ok(findings.is_empty())
}

fn read(file: Option<&OsString>) -> Result<Vec<u8>, String> {
    let mut text = Vec::new();
    match file.filter(|name| *name != "-") {
        Some(name) => File::open(name)
            .and_then(|mut file| file.read_to_end(&mut text))
            .map_err(|error| format!("{}: {error}", name.display()))?,
        None => io::stdin()
            .read_to_end(&mut text)
            .map_err(|error| format!("standard input: {error}"))?,
    };
    Ok(text)
}

fn json(finding: &Finding) -> serde_json::Value {
    json!({
        "line": finding.line(),
        "rule": finding.rule().id(),
        "message": finding.message(),
    })
}

#[derive(Debug, Default)]
struct Options {
    file: Option<OsString>,
    format: Format,
}

#[derive(Clone, Copy, Debug, Default)]
enum Format {
    #[default]
    Text,
    Json,
}

impl Options {
    /// `None` when help was asked for.
    fn parse(mut parser: lexopt::Parser) -> Result<Option<Self>, lexopt::Error> {
        use lexopt::prelude::{Long, Short, Value, ValueExt};

        let mut options = Self::default();
        while let Some(argument) = parser.next()? {
            match argument {
                Long("format") => {
                    options.format = parser.value()?.parse_with(|word| match word {
                        "text" => Ok(Format::Text),
                        "json" => Ok(Format::Json),
                        _ => Err("neither text nor json"),
                    })?;
                }
                Long("help") | Short('h') => return Ok(None),
                Value(file) if options.file.is_none() => options.file = Some(file),
                other => return Err(other.unexpected()),
            }
        }
        Ok(Some(options))
    }
}

const USAGE: &str = "\
usage: openmetrics-lint [--format text|json] [FILE]

Reads FILE, or standard input without one or for `-`, and prints what breaks a rule
of OpenMetrics 1.0. Exit code 0: nothing; 1: something; 2: the text could not be read.";
