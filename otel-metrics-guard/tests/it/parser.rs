//! A strict reader of the part of OpenMetrics 1.0 that is written here.
//!
//! It shares nothing with the writer and is stricter than the readers in the field: one order of
//! metadata, no repeated or interleaved family, no sample its family does not allow.

use std::collections::{BTreeMap, BTreeSet};

type Labels = BTreeMap<String, String>;

#[derive(Debug)]
pub(crate) struct Family {
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) unit: Option<String>,
    pub(crate) help: Option<String>,
    pub(crate) samples: Vec<Sample>,
}

#[derive(Clone, Debug)]
pub(crate) struct Sample {
    /// What follows the name of the family.
    pub(crate) suffix: String,
    pub(crate) labels: Labels,
    pub(crate) value: String,
    pub(crate) exemplar: Option<(Labels, f64)>,
}

pub(crate) fn parse(text: &str) -> Result<Vec<Family>, String> {
    let lines = text.strip_suffix("\n# EOF\n").ok_or("no end mark")?;
    let mut families = Vec::<Family>::new();
    for line in lines.split('\n') {
        parse_line(line, &mut families).map_err(|why| format!("{why}: {line}"))?;
    }
    let mut names = BTreeSet::new();
    for family in &families {
        if !names.insert(&family.name) {
            return Err(format!("{} comes twice", family.name));
        }
        check(family).map_err(|why| format!("{}: {why}", family.name))?;
    }
    Ok(families)
}

fn parse_line(line: &str, families: &mut Vec<Family>) -> Result<(), &'static str> {
    if let Some(rest) = line.strip_prefix("# TYPE ") {
        let (name, kind) = rest.split_once(' ').ok_or("no type")?;
        let first = |c: char| c.is_ascii_alphabetic() || c == '_' || c == ':';
        if !name.starts_with(first) || !name.chars().all(|c| first(c) || c.is_ascii_digit()) {
            return Err("name");
        }
        if !["counter", "gauge", "histogram", "info"].contains(&kind) {
            return Err("type");
        }
        families.push(Family {
            name: name.to_owned(),
            kind: kind.to_owned(),
            unit: None,
            help: None,
            samples: Vec::new(),
        });
        return Ok(());
    }
    let family = families.last_mut().ok_or("no type before")?;
    if let Some(rest) = line.strip_prefix("# ") {
        let (word, rest) = rest.split_once(' ').ok_or("comment")?;
        let (name, text) = rest.split_once(' ').ok_or("no metadata")?;
        if name != family.name || !family.samples.is_empty() || family.help.is_some() {
            return Err("metadata out of place");
        }
        match word {
            "UNIT" if family.unit.is_some() || !name.ends_with(&format!("_{text}")) => Err("unit"),
            "UNIT" => {
                family.unit = Some(text.to_owned());
                Ok(())
            }
            "HELP" => {
                let (help, rest) = escaped(text, None)?;
                family.help = Some(help);
                if rest.is_empty() { Ok(()) } else { Err("help") }
            }
            _ => Err("comment"),
        }
    } else {
        let rest = line
            .strip_prefix(&family.name)
            .ok_or("not of this family")?;
        family.samples.push(sample(rest)?);
        Ok(())
    }
}

fn sample(text: &str) -> Result<Sample, &'static str> {
    let end = text.find(['{', ' ']).ok_or("no value")?;
    let (suffix, rest) = text.split_at(end);
    let (labels, rest) = match rest.strip_prefix('{') {
        Some(rest) => labels(rest)?,
        None => (Labels::new(), rest),
    };
    let rest = rest.strip_prefix(' ').ok_or("space")?;
    let (value, exemplar) = match rest.split_once(" # {") {
        Some((value, exemplar)) => (value, Some(self::exemplar(exemplar)?)),
        None => (rest, None),
    };
    number(value)?;
    Ok(Sample {
        suffix: suffix.to_owned(),
        labels,
        value: value.to_owned(),
        exemplar,
    })
}

fn exemplar(text: &str) -> Result<(Labels, f64), &'static str> {
    let (labels, rest) = labels(text)?;
    let rest = rest.strip_prefix(' ').ok_or("exemplar")?;
    let (value, time) = rest.split_once(' ').ok_or("exemplar without time")?;
    let length: usize = labels
        .iter()
        .flat_map(|(k, v)| [k, v])
        .map(|s| s.chars().count())
        .sum();
    if length > 128 || time.contains('e') || number(time)? < 1e9 {
        return Err("exemplar");
    }
    Ok((labels, number(value)?))
}

/// The labels up to the closing brace, and what follows it.
fn labels(mut text: &str) -> Result<(Labels, &str), &'static str> {
    let mut labels = Labels::new();
    loop {
        let (name, rest) = text.split_once("=\"").ok_or("label")?;
        let first = |c: char| c.is_ascii_alphabetic() || c == '_';
        if !name.starts_with(first) || !name.chars().all(|c| first(c) || c.is_ascii_digit()) {
            return Err("label name");
        }
        let (value, rest) = escaped(rest, Some('"'))?;
        if labels.insert(name.to_owned(), value).is_some() {
            return Err("label twice");
        }
        match rest.strip_prefix(',') {
            Some(rest) => text = rest,
            None => return Ok((labels, rest.strip_prefix('}').ok_or("brace")?)),
        }
    }
}

/// The text up to an end mark, and what follows it.
fn escaped(text: &str, end: Option<char>) -> Result<(String, &str), &'static str> {
    let mut plain = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => plain.push(match chars.next() {
                Some('n') => '\n',
                Some(c @ ('\\' | '"')) => c,
                _ => return Err("escape"),
            }),
            c if Some(c) == end => return Ok((plain, chars.as_str())),
            '"' => return Err("quote"),
            c => plain.push(c),
        }
    }
    if end.is_none() {
        Ok((plain, ""))
    } else {
        Err("open quote")
    }
}

fn number(text: &str) -> Result<f64, &'static str> {
    match text {
        "+Inf" => Ok(f64::INFINITY),
        "-Inf" => Ok(f64::NEG_INFINITY),
        "NaN" => Ok(f64::NAN),
        _ if text.contains(|c: char| !c.is_ascii_digit() && !".e+-".contains(c)) => Err("number"),
        _ => text.parse().or(Err("number")),
    }
}

fn check(family: &Family) -> Result<(), &'static str> {
    let mut seen = BTreeSet::new();
    let unique = family
        .samples
        .iter()
        .all(|s| seen.insert((&s.suffix, &s.labels)));
    if !unique {
        return Err("a series twice");
    }
    match &*family.kind {
        "histogram" => check_histogram(family),
        kind => {
            let (suffix, exemplars) = match kind {
                "counter" => ("_total", true),
                "info" => ("_info", false),
                _ => ("", false),
            };
            let fits = |s: &Sample| s.suffix == suffix && (exemplars || s.exemplar.is_none());
            let fits = family.samples.iter().all(fits);
            if fits {
                Ok(())
            } else {
                Err("a sample it must not have")
            }
        }
    }
}

fn check_histogram(family: &Family) -> Result<(), &'static str> {
    let mut rest = &*family.samples;
    let mut seen = BTreeSet::new();
    while let Some(first) = rest.first() {
        let key = without_le(&first.labels);
        let of_this = |s: &&Sample| without_le(&s.labels) == key;
        let (series, after) = rest.split_at(rest.iter().take_while(of_this).count());
        rest = after;
        if !seen.insert(key) {
            return Err("interleaved series");
        }
        let [buckets @ .., sum, count] = series else {
            return Err("no sum and count");
        };
        let (mut lower, mut below) = (f64::NEG_INFINITY, 0);
        for bucket in buckets {
            let upper = number(bucket.labels.get("le").ok_or("no le")?)?;
            let count: u64 = bucket.value.parse().or(Err("count"))?;
            let outside = |value: f64| value <= lower || value > upper;
            let astray = bucket
                .exemplar
                .as_ref()
                .is_some_and(|(_, value)| outside(*value));
            if bucket.suffix != "_bucket" || upper <= lower || count < below || astray {
                return Err("bucket");
            }
            (lower, below) = (upper, count);
        }
        let counted = count.suffix == "_count" && count.value == below.to_string();
        if lower != f64::INFINITY || sum.suffix != "_sum" || !counted {
            return Err("the last bucket, the sum or the count");
        }
    }
    Ok(())
}

fn without_le(labels: &Labels) -> Labels {
    let mut labels = labels.clone();
    labels.remove("le");
    labels
}

#[test]
fn the_reader_refuses_what_it_should() {
    let good = "# TYPE a counter\n# HELP a Help.\na_total{b=\"c\"} 1\n# EOF\n";
    assert_eq!(parse(good).unwrap().len(), 1);
    for (bad, why) in [
        ("# TYPE a counter\na_total 1\n", "no end"),
        ("# TYPE a counter\n\na_total 1\n# EOF\n", "a blank line"),
        ("a_total 1\n# EOF\n", "no type"),
        ("# TYPE a counter\na 1\n# EOF\n", "no suffix"),
        ("# TYPE a counter\na_total  1\n# EOF\n", "two spaces"),
        (
            "# TYPE a counter\na_total 1\na_total 1\n# EOF\n",
            "a series twice",
        ),
        (
            "# TYPE a gauge\n# TYPE b gauge\n# TYPE a gauge\n# EOF\n",
            "a family twice",
        ),
        (
            "# TYPE a gauge\n# TYPE b gauge\na 1\n# EOF\n",
            "interleaved",
        ),
        (
            "# TYPE a gauge\n# UNIT a seconds\n# EOF\n",
            "not the last word",
        ),
        ("# TYPE a gauge\na{b=\"c\\d\"} 1\n# EOF\n", "an escape"),
        (
            "# TYPE a gauge\na{b=\"1\",b=\"2\"} 1\n# EOF\n",
            "a label twice",
        ),
        (
            "# TYPE a gauge\na 1 # {b=\"c\"} 1 1600000000\n# EOF\n",
            "an exemplar",
        ),
        (
            "# TYPE a histogram\na_bucket{le=\"+Inf\"} 1\na_sum 1\na_count 2\n# EOF\n",
            "count",
        ),
        (
            "# TYPE a histogram\na_bucket{le=\"1.0\"} 1\na_sum 1\na_count 1\n# EOF\n",
            "no +Inf",
        ),
    ] {
        assert!(parse(bad).is_err(), "{why}");
    }
}
