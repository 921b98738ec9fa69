//! How a `tracing` level is told in the OpenTelemetry log data model.
//!
//! A source with one level in a range takes the smallest number of the range (data model,
//! "Mapping of SeverityNumber").

use tracing::Level;

/// Short names of the data model, by number from 1.
const NAMES: [&str; 24] = [
    "TRACE", "TRACE2", "TRACE3", "TRACE4", "DEBUG", "DEBUG2", "DEBUG3", "DEBUG4", "INFO", "INFO2",
    "INFO3", "INFO4", "WARN", "WARN2", "WARN3", "WARN4", "ERROR", "ERROR2", "ERROR3", "ERROR4",
    "FATAL", "FATAL2", "FATAL3", "FATAL4",
];

/// Ranges of the data model.
pub(crate) const RANGES: usize = 6;

/// A severity number, 1 to 24.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Severity(u8);

impl Severity {
    pub(crate) const DEBUG: Self = Self(5);
    pub(crate) const INFO: Self = Self(9);
    pub(crate) const WARN: Self = Self(13);
    pub(crate) const ERROR: Self = Self(17);
    pub(crate) const FATAL: Self = Self(21);

    pub(crate) const fn of(level: Level) -> Self {
        match level {
            Level::TRACE => Self(1),
            Level::DEBUG => Self::DEBUG,
            Level::INFO => Self::INFO,
            Level::WARN => Self::WARN,
            Level::ERROR => Self::ERROR,
        }
    }

    /// Every severity, least severe first.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        (1..=24).map(Self)
    }

    /// A number an event claims for itself: it may raise its level and never lower it.
    pub(crate) fn raised_to(self, number: i64) -> Self {
        match u8::try_from(number) {
            Ok(number @ 1..=24) if number > self.0 => Self(number),
            _ => self,
        }
    }

    pub(crate) const fn number(self) -> u8 {
        self.0
    }

    pub(crate) fn text(self) -> &'static str {
        let at = usize::from(self.0).saturating_sub(1);
        NAMES.get(at).copied().unwrap_or("FATAL4")
    }

    /// 0 for TRACE to 5 for FATAL.
    pub(crate) const fn range(self) -> usize {
        (self.0.saturating_sub(1) / 4) as usize
    }

    /// The level of this range; FATAL counts as ERROR.
    pub(crate) const fn level(self) -> Level {
        match self.range() {
            0 => Level::TRACE,
            1 => Level::DEBUG,
            2 => Level::INFO,
            3 => Level::WARN,
            _ => Level::ERROR,
        }
    }
}

/// Lower-case names of the ranges, for fields and labels that count.
pub(crate) const RANGE_NAMES: [&str; RANGES] = ["trace", "debug", "info", "warn", "error", "fatal"];

/// One count for each range.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct BySeverity([u64; RANGES]);

impl BySeverity {
    pub(crate) fn add(&mut self, severity: Severity) {
        if let Some(count) = self.0.get_mut(severity.range()) {
            *count += 1;
        }
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        for (count, more) in self.0.iter_mut().zip(other.0) {
            *count += more;
        }
    }

    pub(crate) fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// The names and counts of the ranges that have any.
    pub(crate) fn counted(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        let counts = RANGE_NAMES.iter().zip(self.0);
        counts.map(|(name, n)| (*name, n)).filter(|(_, n)| *n > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_take_the_smallest_number_of_their_range() {
        let cases = [
            (Level::TRACE, 1, "TRACE", 0),
            (Level::DEBUG, 5, "DEBUG", 1),
            (Level::INFO, 9, "INFO", 2),
            (Level::WARN, 13, "WARN", 3),
            (Level::ERROR, 17, "ERROR", 4),
        ];
        for (level, number, text, range) in cases {
            let severity = Severity::of(level);
            assert_eq!(
                (severity.number(), severity.text(), severity.range()),
                (number, text, range)
            );
            assert_eq!(severity.level(), level);
        }
    }

    #[test]
    fn a_claim_raises_and_never_lowers() {
        let cases = [
            (21, 21),
            (18, 18),
            (24, 24),
            (9, 17),
            (0, 17),
            (25, 17),
            (-1, 17),
        ];
        for (claimed, number) in cases {
            assert_eq!(Severity::ERROR.raised_to(claimed).number(), number);
        }
    }
}
