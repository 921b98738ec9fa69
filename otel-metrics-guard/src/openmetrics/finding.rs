//! What the linter has to say.

use std::fmt;

/// A rule of OpenMetrics 1.0 that a line breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Rule {
    /// The text is UTF-8.
    Encoding,
    /// The text ends with `# EOF`, and nothing follows it.
    Eof,
    /// A line is a sample or a `TYPE`, `UNIT` or `HELP`; there are no others, and no blank ones.
    Line,
    /// The parts of a line are separated by one space; none leads or trails.
    Space,
    /// The name of a metric is of `[a-zA-Z_:][a-zA-Z0-9_:]*`.
    Name,
    /// Labels are `name="value"`, separated by one comma, each name once.
    Label,
    /// Numbers are decimal, `NaN` or infinite.
    Number,
    /// A timestamp is finite; within a metric all samples have one or none has, and it never goes
    /// back.
    Timestamp,
    /// Metadata comes at most once a family and before its samples.
    Metadata,
    /// The type is one of the eight.
    Type,
    /// The unit is the end of the name, and info and state sets have none.
    Unit,
    /// No two families, nor samples of two, have a name in common; a family is in one piece.
    Clash,
    /// The samples of a metric are in one piece, and each comes once.
    Grouping,
    /// A value is in the range of its type.
    Value,
    /// The samples of summaries, histograms and state sets have the label that tells them apart.
    TypeLabel,
    /// The buckets of a histogram ascend, end at `+Inf` and agree with its sum and count.
    Histogram,
    /// Exemplars are on counters and buckets, have labels of at most 128 characters, and are not
    /// above the bound of their bucket.
    Exemplar,
}

impl Rule {
    /// A stable identifier.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Encoding => "encoding",
            Self::Eof => "eof",
            Self::Line => "line",
            Self::Space => "space",
            Self::Name => "name",
            Self::Label => "label",
            Self::Number => "number",
            Self::Timestamp => "timestamp",
            Self::Metadata => "metadata",
            Self::Type => "type",
            Self::Unit => "unit",
            Self::Clash => "clash",
            Self::Grouping => "grouping",
            Self::Value => "value",
            Self::TypeLabel => "type_label",
            Self::Histogram => "histogram",
            Self::Exemplar => "exemplar",
        }
    }
}

/// A line that breaks a [`Rule`]. Displays as `line 3: histogram: no +Inf bucket`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    line: usize,
    rule: Rule,
    message: &'static str,
}

impl Finding {
    pub(super) const fn new(line: usize, Fault(rule, message): Fault) -> Self {
        Self {
            line,
            rule,
            message,
        }
    }

    /// The line, counted from 1.
    #[must_use]
    pub const fn line(&self) -> usize {
        self.line
    }

    /// The rule it breaks.
    #[must_use]
    pub const fn rule(&self) -> Rule {
        self.rule
    }

    /// How.
    #[must_use]
    pub const fn message(&self) -> &'static str {
        self.message
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "line {}: {}: {}",
            self.line,
            self.rule.id(),
            self.message
        )
    }
}

/// A finding before its line is known.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fault(pub(super) Rule, pub(super) &'static str);
