//! The whole text: families one after another, and the end.

use std::collections::HashSet;

use super::family::Family;
use super::finding::{Fault, Finding, Rule};
use super::kind::Kind;
use super::line::{Line, Sample};

/// What a text without findings holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    families: usize,
    samples: usize,
    exemplars: usize,
}

impl Summary {
    /// Families, those without samples included.
    #[must_use]
    pub const fn families(&self) -> usize {
        self.families
    }

    /// Samples: the lines that are not metadata.
    #[must_use]
    pub const fn samples(&self) -> usize {
        self.samples
    }

    /// Samples with an exemplar.
    #[must_use]
    pub const fn exemplars(&self) -> usize {
        self.exemplars
    }
}

/// Holds an exposition in OpenMetrics 1.0 text against the rules of the format.
///
/// ```
/// use otel_metrics_guard::openmetrics::{Rule, lint};
///
/// let summary = lint("# TYPE up counter\nup_total 1\n# EOF\n").unwrap();
/// assert_eq!((summary.families(), summary.samples()), (1, 1));
///
/// let findings = lint("# TYPE up counter\nup_total -1\n# EOF\n").unwrap_err();
/// assert_eq!(findings[0].rule(), Rule::Value);
/// assert_eq!(findings[0].to_string(), "line 2: value: negative");
/// ```
///
/// # Errors
///
/// Everything found, in the order of the lines, but for what is wrong with a family or metric as a
/// whole: that is said where it ends, of its first line or its last. Of a text that is not UTF-8, that
/// alone.
pub fn lint(text: impl AsRef<[u8]>) -> Result<Summary, Vec<Finding>> {
    let bytes = text.as_ref();
    let text = str::from_utf8(bytes).map_err(|error| {
        let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
        vec![Finding::new(line, Fault(Rule::Encoding, "not UTF-8"))]
    })?;
    lint_text(text)
}

fn lint_text(text: &str) -> Result<Summary, Vec<Finding>> {
    let mut linter = Linter::default();
    let body = text.strip_suffix('\n').unwrap_or(text);
    let mut ended = false;
    for line in body.split('\n') {
        linter.line += 1;
        if ended {
            linter.find(Fault(Rule::Eof, "something after the end"));
            break;
        }
        match Line::parse(line) {
            Ok(Line::Eof) => ended = true,
            Ok(line) => linter.read(line),
            Err(fault) => linter.find(fault),
        }
    }
    linter.end_family();
    if !ended {
        linter.find(Fault(Rule::Eof, "the text does not end with # EOF"));
    }
    if linter.findings.is_empty() {
        Ok(linter.summary)
    } else {
        Err(linter.findings)
    }
}

#[derive(Debug, Default)]
struct Linter<'a> {
    line: usize,
    family: Option<Family<'a>>,
    /// Names of families and of the samples they can have.
    names: HashSet<String>,
    summary: Summary,
    findings: Vec<Finding>,
}

impl<'a> Linter<'a> {
    fn read(&mut self, line: Line<'a>) {
        match line {
            Line::Type(name, word) => self.describe(name, |family| {
                let kind = Kind::parse(word).ok_or(Fault(Rule::Type, "not a type"))?;
                once(family.kind.replace(kind).is_none())
            }),
            Line::Unit(name, unit) => {
                self.describe(name, |family| once(family.unit.replace(unit).is_none()));
            }
            Line::Help(name) => self.describe(name, |family| {
                once(!std::mem::replace(&mut family.help, true))
            }),
            Line::Sample(sample) => self.sample(sample),
            Line::Eof => {}
        }
    }

    fn describe(&mut self, name: &'a str, add: impl FnOnce(&mut Family<'a>) -> Result<(), Fault>) {
        let family = self.family_of(|family| family.name == name, name);
        let found = if family.has_samples() {
            Err(Fault(Rule::Metadata, "after the samples"))
        } else {
            add(family)
        };
        if let Err(fault) = found {
            self.find(fault);
        }
    }

    fn sample(&mut self, sample: Sample<'a>) {
        self.summary.samples += 1;
        self.summary.exemplars += usize::from(sample.exemplar.is_some());
        let name = sample.name;
        let family = self.family_of(|family| family.suffix(name).is_some(), name);
        let suffix = family.suffix(name).unwrap_or_default();
        for fault in family.add(suffix, sample) {
            self.find(fault);
        }
    }

    /// The family at hand, or the next, which a line that is not of this one begins.
    fn family_of(
        &mut self,
        is_ours: impl FnOnce(&Family<'a>) -> bool,
        name: &'a str,
    ) -> &mut Family<'a> {
        if !self.family.as_ref().is_some_and(is_ours) {
            self.end_family();
        }
        let line = self.line;
        self.family.get_or_insert_with(|| Family::new(name, line))
    }

    fn end_family(&mut self) {
        let Some(mut family) = self.family.take() else {
            return;
        };
        self.summary.families += 1;
        let last = self.line.saturating_sub(1).max(family.line);
        if let Err(fault) = family.end_metric() {
            self.findings.push(Finding::new(last, fault));
        }
        if let Err(fault) = family.check_unit() {
            self.findings.push(Finding::new(family.line, fault));
        }
        let mut clashes = false;
        let suffixes = family.kind().suffixes().iter().filter(|s| !s.is_empty());
        for suffix in suffixes.chain([&""]) {
            clashes |= !self.names.insert(format!("{}{suffix}", family.name));
        }
        if clashes {
            let fault = Fault(Rule::Clash, "a name that another family has");
            self.findings.push(Finding::new(family.line, fault));
        }
    }

    fn find(&mut self, fault: Fault) {
        self.findings.push(Finding::new(self.line, fault));
    }
}

const fn once(first: bool) -> Result<(), Fault> {
    if first {
        Ok(())
    } else {
        Err(Fault(Rule::Metadata, "a second time"))
    }
}
