//! How a `tracing` level is told in the OpenTelemetry log data model.
//!
//! A source with one level in a range takes the smallest number of the range (data model,
//! "Mapping of SeverityNumber").

use tracing::Level;

/// The level of an event, least severe first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Severity {
    Trace,
    Debug,
    Info,
    Warn,
    Error,
}

impl Severity {
    pub(crate) const ALL: [Self; 5] = [
        Self::Trace,
        Self::Debug,
        Self::Info,
        Self::Warn,
        Self::Error,
    ];

    pub(crate) const fn of(level: Level) -> Self {
        match level {
            Level::TRACE => Self::Trace,
            Level::DEBUG => Self::Debug,
            Level::INFO => Self::Info,
            Level::WARN => Self::Warn,
            Level::ERROR => Self::Error,
        }
    }

    /// The two severity members of a line, with the comma before them.
    pub(crate) const fn members(self) -> &'static [u8] {
        match self {
            Self::Trace => br#","severity_text":"TRACE","severity_number":1"#,
            Self::Debug => br#","severity_text":"DEBUG","severity_number":5"#,
            Self::Info => br#","severity_text":"INFO","severity_number":9"#,
            Self::Warn => br#","severity_text":"WARN","severity_number":13"#,
            Self::Error => br#","severity_text":"ERROR","severity_number":17"#,
        }
    }

    /// Lower-case name, for a field that counts lines of this severity.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Trace => "trace",
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}

/// One count for each severity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct BySeverity([u64; Severity::ALL.len()]);

impl BySeverity {
    pub(crate) fn add(&mut self, severity: Severity) {
        if let Some(count) = self.0.get_mut(severity as usize) {
            *count += 1;
        }
    }

    pub(crate) fn get(&self, severity: Severity) -> u64 {
        self.0.get(severity as usize).copied().unwrap_or_default()
    }

    pub(crate) fn total(&self) -> u64 {
        self.0.iter().sum()
    }
}
