//! What the checks found, and how it is written.

use std::fmt::Write;
use std::time::{Duration, Instant};

use super::CheckStatus;

/// Longest text of an error that is kept, bytes.
const MAX_ERROR: usize = 256;

/// What one check found.
#[derive(Clone, Debug)]
pub struct CheckReport {
    name: &'static str,
    status: CheckStatus,
    duration: Duration,
    error: Option<String>,
}

/// What all checks found when they were last run.
#[derive(Clone, Debug)]
pub struct HealthReport {
    checks: Vec<CheckReport>,
    is_draining: bool,
    pub(super) taken: Instant,
}

impl CheckReport {
    pub(super) fn new(
        name: &'static str,
        status: CheckStatus,
        duration: Duration,
        error: Option<String>,
    ) -> Self {
        let error = error.map(|mut error| {
            let mut end = error.len().min(MAX_ERROR);
            while !error.is_char_boundary(end) {
                end -= 1;
            }
            error.truncate(end);
            error
        });
        Self {
            name,
            status,
            duration,
            error,
        }
    }

    /// Its name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// What it found.
    #[must_use]
    pub const fn status(&self) -> CheckStatus {
        self.status
    }

    /// How long it took.
    #[must_use]
    pub const fn duration(&self) -> Duration {
        self.duration
    }

    /// The text of its error, up to 256 bytes.
    #[must_use]
    pub fn error(&self) -> Option<&str> {
        self.error.as_deref()
    }
}

impl HealthReport {
    pub(super) const fn new(checks: Vec<CheckReport>, taken: Instant) -> Self {
        Self {
            checks,
            is_draining: false,
            taken,
        }
    }

    pub(super) fn draining(mut self, is_draining: bool) -> Self {
        self.is_draining = is_draining;
        self
    }

    /// Each check, in the order they were added.
    #[must_use]
    pub fn checks(&self) -> &[CheckReport] {
        &self.checks
    }

    /// Whether the service is about to stop.
    #[must_use]
    pub const fn is_draining(&self) -> bool {
        self.is_draining
    }

    /// Whether every check passed and the service is not about to stop.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        let passed = |check: &CheckReport| check.status == CheckStatus::Ok;
        !self.is_draining && self.checks.iter().all(passed)
    }

    /// `ok`, or what is not: one line for each.
    pub(super) fn to_text(&self, shows_errors: bool) -> String {
        if self.is_ready() {
            return "ok\n".to_owned();
        }
        let mut text = String::new();
        if self.is_draining {
            text.push_str("draining\n");
        }
        for check in &self.checks {
            if check.status != CheckStatus::Ok {
                let _ = write!(text, "{}: {}", check.name, check.status.as_str());
                if let Some(error) = check.error().filter(|_| shows_errors) {
                    let _ = write!(text, ": {}", error.escape_default());
                }
                text.push('\n');
            }
        }
        text
    }

    pub(super) fn to_json(&self, shows_errors: bool) -> String {
        let status = match (self.is_draining, self.is_ready()) {
            (true, _) => "draining",
            (false, true) => "ok",
            (false, false) => "failed",
        };
        let mut json = format!("{{\"status\":\"{status}\",\"checks\":{{");
        for (index, check) in self.checks.iter().enumerate() {
            let comma = if index > 0 { "," } else { "" };
            let _ = write!(
                json,
                "{comma}\"{}\":{{\"status\":\"{}\",\"seconds\":{}",
                check.name,
                check.status.as_str(),
                check.duration.as_secs_f64()
            );
            if let Some(error) = check.error().filter(|_| shows_errors) {
                json.push_str(",\"error\":\"");
                push_escaped(&mut json, error);
                json.push('"');
            }
            json.push('}');
        }
        json.push_str("}}\n");
        json
    }
}

/// Escapes as RFC 8259, 7 asks.
fn push_escaped(json: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            c if c < ' ' => {
                let _ = write!(json, "\\u{:04x}", u32::from(c));
            }
            c => json.push(c),
        }
    }
}
