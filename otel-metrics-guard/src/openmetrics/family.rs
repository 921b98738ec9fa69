//! One family while it is read: its metadata, the metric at hand, the metrics before.

use std::collections::HashSet;

use super::finding::{Fault, Rule};
use super::histogram::Buckets;
use super::kind::Kind;
use super::line::{Labels, Sample};
use super::number;

#[derive(Debug)]
pub(super) struct Family<'a> {
    pub(super) name: &'a str,
    pub(super) kind: Option<Kind>,
    pub(super) unit: Option<&'a str>,
    pub(super) help: bool,
    pub(super) line: usize,
    metric: Option<Metric<'a>>,
    metrics: HashSet<Labels<'a>>,
}

/// The samples whose labels are the same, but for the one that their type adds.
#[derive(Debug)]
struct Metric<'a> {
    labels: Labels<'a>,
    timestamp: Option<f64>,
    /// Suffix and type label of the samples so far, if they have no timestamps.
    samples: HashSet<(&'a str, Option<&'a str>)>,
    buckets: Buckets,
}

impl<'a> Family<'a> {
    pub(super) fn new(name: &'a str, line: usize) -> Self {
        Self {
            name,
            kind: None,
            unit: None,
            help: false,
            line,
            metric: None,
            metrics: HashSet::new(),
        }
    }

    pub(super) fn kind(&self) -> Kind {
        self.kind.unwrap_or(Kind::Unknown)
    }

    pub(super) const fn has_samples(&self) -> bool {
        self.metric.is_some()
    }

    /// What follows our name in that of a sample, if it is a sample of ours.
    pub(super) fn suffix<'n>(&self, name: &'n str) -> Option<&'n str> {
        let suffix = name.strip_prefix(self.name)?;
        self.kind().suffixes().contains(&suffix).then_some(suffix)
    }

    pub(super) fn add(&mut self, suffix: &'a str, sample: Sample<'a>) -> Vec<Fault> {
        let kind = self.kind();
        let mut faults = Vec::new();
        let type_label = type_label(kind, self.name, suffix, &sample.labels);
        let type_value = *type_label.as_ref().unwrap_or(&None);
        faults.extend(type_label.err());
        faults.extend(check_value(kind, suffix, sample.value).err());
        let bound = type_value.and_then(number::parse).unwrap_or(f64::NAN);
        if let Some(value) = sample.exemplar {
            if !kind.has_exemplars(suffix) {
                faults.push(Fault(Rule::Exemplar, "not on a counter or bucket"));
            } else if suffix == "_bucket" && value > bound {
                faults.push(Fault(Rule::Exemplar, "above the bound of its bucket"));
            }
        }

        let mut labels = sample.labels;
        if type_value.is_some() {
            let name = kind.type_label(self.name);
            labels.retain(|(label, _)| Some(*label) != name);
        }
        let again = self.metric.as_ref().is_some_and(|m| m.labels == labels);
        if !again {
            faults.extend(self.end_metric().err());
            if !self.metrics.insert(labels.clone()) {
                faults.push(Fault(Rule::Grouping, "a metric in two pieces"));
            }
        }
        let metric = self.metric.get_or_insert_with(|| Metric {
            labels,
            timestamp: sample.timestamp,
            samples: HashSet::new(),
            buckets: Buckets::default(),
        });
        match (metric.timestamp, sample.timestamp) {
            (None, None) if !metric.samples.insert((suffix, type_value)) => {
                faults.push(Fault(Rule::Grouping, "a sample twice"));
            }
            (Some(_), None) | (None, Some(_)) => {
                faults.push(Fault(Rule::Timestamp, "only some samples have one"));
            }
            (Some(before), Some(now)) if now < before => {
                faults.push(Fault(Rule::Timestamp, "earlier than the one before"));
            }
            (Some(before), Some(now)) if now > before && kind.has_buckets() => {
                faults.extend(metric.buckets.end(kind == Kind::GaugeHistogram).err());
                metric.buckets = Buckets::default();
            }
            _ => {}
        }
        metric.timestamp = sample.timestamp;
        if kind.has_buckets() {
            faults.extend(metric.buckets.add(suffix, bound, sample.value).err());
        }
        faults
    }

    /// Looks at the last metric as a whole.
    pub(super) fn end_metric(&mut self) -> Result<(), Fault> {
        let kind = self.kind();
        match self.metric.take() {
            Some(metric) if kind.has_buckets() => metric.buckets.end(kind == Kind::GaugeHistogram),
            _ => Ok(()),
        }
    }

    /// Looks at the metadata as a whole.
    pub(super) fn check_unit(&self) -> Result<(), Fault> {
        let Some(unit) = self.unit.filter(|unit| !unit.is_empty()) else {
            return Ok(());
        };
        if matches!(self.kind(), Kind::Info | Kind::StateSet) {
            return Err(Fault(Rule::Unit, "info and state sets have none"));
        }
        let ends = self.name.strip_suffix(unit);
        if ends.is_some_and(|name| name.ends_with('_')) {
            Ok(())
        } else {
            Err(Fault(Rule::Unit, "not the end of the name"))
        }
    }
}

/// The value of the label that a sample of this type has to have.
fn type_label<'a>(
    kind: Kind,
    family: &str,
    suffix: &str,
    labels: &Labels<'a>,
) -> Result<Option<&'a str>, Fault> {
    let Some(name) = kind.type_label(family) else {
        return Ok(None);
    };
    if !["", "_bucket"].contains(&suffix) {
        return Ok(None);
    }
    let found = labels.iter().find(|(label, _)| *label == name);
    let (_, value) = found.ok_or(Fault(Rule::TypeLabel, "without the label of its type"))?;
    let number = number::parse(value);
    match kind {
        Kind::StateSet => Ok(Some(value)),
        Kind::Summary if !number.is_some_and(|q| (0.0..=1.0).contains(&q)) => {
            Err(Fault(Rule::TypeLabel, "a quantile is from 0 to 1"))
        }
        _ if number.is_none_or(f64::is_nan) => Err(Fault(Rule::TypeLabel, "not a number")),
        // A label is compared as text, so this bound has one spelling.
        _ if number == Some(f64::INFINITY) && *value != "+Inf" => {
            Err(Fault(Rule::TypeLabel, "infinity is spelled +Inf"))
        }
        _ => Ok(Some(value)),
    }
}

fn check_value(kind: Kind, suffix: &str, value: f64) -> Result<(), Fault> {
    let is_count = ["_bucket", "_count", "_gcount"].contains(&suffix);
    let adds_up = is_count || ["_total", "_sum"].contains(&suffix);
    let why = match kind {
        Kind::Info if value != 1.0 => "an info is 1",
        Kind::StateSet if value != 0.0 && value != 1.0 => "a state is 0 or 1",
        Kind::Summary if suffix.is_empty() && value < 0.0 => "a quantile is not negative",
        _ if suffix.is_empty() => return Ok(()),
        _ if value.is_nan() => "not a number",
        _ if adds_up && value < 0.0 => "negative",
        _ if is_count && value.fract() != 0.0 => "a count is a whole number",
        _ => return Ok(()),
    };
    Err(Fault(Rule::Value, why))
}
