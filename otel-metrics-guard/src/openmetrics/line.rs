//! The grammar of one line.

use super::finding::{Fault, Rule};
use super::number;

#[derive(Debug)]
pub(super) enum Line<'a> {
    Eof,
    Type(&'a str, &'a str),
    Unit(&'a str, &'a str),
    Help(&'a str),
    Sample(Sample<'a>),
}

/// Labels as they are written. Any character may be escaped, so one value has several spellings;
/// label sets are compared as spelled.
pub(super) type Labels<'a> = Vec<(&'a str, &'a str)>;

#[derive(Debug)]
pub(super) struct Sample<'a> {
    pub(super) name: &'a str,
    /// Sorted by name.
    pub(super) labels: Labels<'a>,
    pub(super) value: f64,
    pub(super) timestamp: Option<f64>,
    /// The value of its exemplar.
    pub(super) exemplar: Option<f64>,
}

impl<'a> Line<'a> {
    pub(super) fn parse(line: &'a str) -> Result<Self, Fault> {
        match line.strip_prefix("# ") {
            Some("EOF") => Ok(Self::Eof),
            Some(rest) => Self::metadata(rest),
            None if line.is_empty() => Err(Fault(Rule::Line, "a blank line")),
            None if line.starts_with('#') => Err(Fault(Rule::Line, "a comment")),
            None if line.starts_with(' ') => Err(Fault(Rule::Space, "a space before the line")),
            None => sample(line).map(Self::Sample),
        }
    }

    fn metadata(rest: &'a str) -> Result<Self, Fault> {
        let missing = Fault(Rule::Metadata, "a name and a text are needed");
        let (word, rest) = rest.split_once(' ').unwrap_or((rest, ""));
        if !["TYPE", "UNIT", "HELP"].contains(&word) {
            return Err(Fault(Rule::Line, "neither TYPE, UNIT, HELP nor EOF"));
        }
        let (name, text) = rest.split_once(' ').ok_or(missing)?;
        if !is_name(name, true) {
            return Err(Fault(Rule::Name, "not the name of a metric"));
        }
        Ok(match word {
            "TYPE" => Self::Type(name, text),
            "UNIT" => Self::Unit(name, text),
            _ => Self::Help(name),
        })
    }
}

fn sample(line: &str) -> Result<Sample<'_>, Fault> {
    let end = line.find(['{', ' ']).unwrap_or(line.len());
    let (name, rest) = line.split_at(end);
    if !is_name(name, true) {
        return Err(Fault(Rule::Name, "not the name of a metric"));
    }
    let (labels, rest) = match rest.strip_prefix('{') {
        Some(rest) => labels(rest)?,
        None => (Labels::new(), rest),
    };
    let rest = after_space(rest, "no space before the value")?;
    let (numbers, exemplar) = match rest.split_once('#') {
        Some((numbers, rest)) => {
            let numbers = numbers
                .strip_suffix(' ')
                .ok_or(Fault(Rule::Space, "no space before the exemplar"))?;
            (numbers, Some(exemplar(rest)?))
        }
        None => (rest, None),
    };
    let (value, timestamp) = numbers_of(numbers)?;
    Ok(Sample {
        name,
        labels,
        value,
        timestamp,
        exemplar,
    })
}

fn exemplar(rest: &str) -> Result<f64, Fault> {
    let rest = after_space(rest, "no space after the #")?;
    let rest = rest
        .strip_prefix('{')
        .ok_or(Fault(Rule::Exemplar, "no labels"))?;
    let (labels, rest) = labels(rest)?;
    let pieces = labels.iter().flat_map(|(name, value)| [*name, *value]);
    if pieces.map(characters).sum::<usize>() > MAX_EXEMPLAR {
        return Err(Fault(Rule::Exemplar, "labels of more than 128 characters"));
    }
    let rest = after_space(rest, "no space before the value of the exemplar")?;
    Ok(numbers_of(rest)?.0)
}

/// A value and the timestamp after it.
fn numbers_of(text: &str) -> Result<(f64, Option<f64>), Fault> {
    let mut numbers = text.split(' ');
    let value = numbers.next().unwrap_or_default();
    let (timestamp, more) = (numbers.next(), numbers.next());
    if value.is_empty() || timestamp == Some("") || more.is_some() {
        return Err(Fault(Rule::Space, "a value and perhaps a timestamp"));
    }
    let value = number::parse(value).ok_or(Fault(Rule::Number, "the value is not a number"))?;
    let timestamp = timestamp.map(|text| {
        number::parse_finite(text).ok_or(Fault(Rule::Timestamp, "not a finite number"))
    });
    Ok((value, timestamp.transpose()?))
}

/// The labels up to the closing brace, sorted, and what follows it.
fn labels(mut rest: &str) -> Result<(Labels<'_>, &str), Fault> {
    let mut labels = Labels::new();
    if let Some(after) = rest.strip_prefix('}') {
        return Ok((labels, after));
    }
    loop {
        let Some((name, after)) = rest.split_once("=\"") else {
            return Err(Fault(Rule::Label, "not name=\"value\""));
        };
        if !is_name(name, false) {
            return Err(Fault(Rule::Label, "not the name of a label"));
        }
        let (value, after) =
            quoted(after).ok_or(Fault(Rule::Label, "a value without its closing quote"))?;
        match labels.binary_search_by_key(&name, |(name, _)| *name) {
            Ok(_) => return Err(Fault(Rule::Label, "a label twice")),
            Err(place) => labels.insert(place, (name, value)),
        }
        if let Some(after) = after.strip_prefix('}') {
            return Ok((labels, after));
        }
        rest = after
            .strip_prefix(',')
            .ok_or(Fault(Rule::Label, "neither a comma nor a closing brace"))?;
    }
}

/// The text up to the quote that is not escaped, and what follows that.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let mut escaped = false;
    let end = text.find(|c| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    })?;
    let (value, rest) = text.split_at(end);
    Some((value, rest.strip_prefix('"')?))
}

/// The code points of an escaped value.
fn characters(text: &str) -> usize {
    let mut escaped = false;
    let plain = text.chars().filter(|&c| {
        let begins = c == '\\' && !escaped;
        escaped = begins;
        !begins
    });
    plain.count()
}

fn after_space<'a>(text: &'a str, why: &'static str) -> Result<&'a str, Fault> {
    text.strip_prefix(' ').ok_or(Fault(Rule::Space, why))
}

fn is_name(name: &str, colons: bool) -> bool {
    let begins = |c: char| c.is_ascii_alphabetic() || c == '_' || colons && c == ':';
    name.starts_with(begins) && name.chars().all(|c| begins(c) || c.is_ascii_digit())
}

const MAX_EXEMPLAR: usize = 128;
