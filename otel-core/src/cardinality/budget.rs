//! How much a registry may hold.
//!
//! The defaults suit a service on a server; [`Budget::edge`] suits a device with a few megabytes to
//! spare. Each number is a bound that holds for every input, never a hint.

use crate::ConfigError;

/// The label value that absorbs folded values.
///
/// A caller that sends this text itself lands in the same series.
pub const OTHER: &str = "__other__";

/// Bounds on what a [`Registry`](crate::registry::Registry) holds.
///
/// ```
/// use otel_core::cardinality::Budget;
///
/// let budget = Budget::default().with_label_values(50).with_process_series(5_000);
/// assert_ne!(budget, Budget::edge());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    label_values: usize,
    family_series: usize,
    histogram_series: usize,
    process_series: usize,
    process_bytes: usize,
    families: usize,
    labels: usize,
    value_bytes: usize,
}

impl Budget {
    /// A tight budget for constrained devices, of at most 512 KiB in all: 32 values a label, 64
    /// series a family (16 for a histogram), 1,000 series in 384 KiB and 200 families a process, 8
    /// labels of at most 64 bytes each.
    #[must_use]
    pub const fn edge() -> Self {
        Self {
            label_values: 32,
            family_series: 64,
            histogram_series: 16,
            process_series: 1_000,
            process_bytes: 384 * 1_024,
            families: 200,
            labels: 8,
            value_bytes: 64,
        }
    }

    /// Distinct values of one label in one family before further ones become [`OTHER`].
    ///
    /// A [`Descriptor`](crate::registry::Descriptor) can set its own for a label it names.
    /// Default: 100. The sentinel itself is not counted.
    #[must_use]
    pub const fn with_label_values(mut self, values: usize) -> Self {
        self.label_values = values;
        self
    }

    /// Series of one counter or gauge family, the overflow series included. Default: 1,000.
    #[must_use]
    pub const fn with_family_series(mut self, series: usize) -> Self {
        self.family_series = series;
        self
    }

    /// Series of one histogram family, the overflow series included. Default: 200, because each
    /// is exposed as one line a bucket.
    #[must_use]
    pub const fn with_histogram_series(mut self, series: usize) -> Self {
        self.histogram_series = series;
        self
    }

    /// Series of the whole registry, without its fixed number of own ones. Default: 10,000, the
    /// size above which OpenMetrics 1.0 asks for a justification.
    ///
    /// One is set aside for each family when it is registered, so that its overflow series always
    /// fits; a family that finds none left is not exposed.
    #[must_use]
    pub const fn with_process_series(mut self, series: usize) -> Self {
        self.process_series = series;
        self
    }

    /// Bytes of all series with their places in the tables, of families, and of what is known of
    /// their labels. Default: 8 MiB.
    ///
    /// When they are spent, new label sets fold as if the series were, new label names are left out,
    /// and new families are not exposed. One overflow series for each family comes on top.
    #[must_use]
    pub const fn with_process_bytes(mut self, bytes: usize) -> Self {
        self.process_bytes = bytes;
        self
    }

    /// Families, because names can be made up at run time too. Default: 1,000.
    #[must_use]
    pub const fn with_families(mut self, families: usize) -> Self {
        self.families = families;
        self
    }

    /// Labels of one series, at most 16 (the default); the surplus is dropped, last names first.
    #[must_use]
    pub const fn with_labels(mut self, labels: usize) -> Self {
        self.labels = labels;
        self
    }

    /// Bytes of one label value; a longer one is cut at a character boundary. Default: 128.
    #[must_use]
    pub const fn with_value_bytes(mut self, bytes: usize) -> Self {
        self.value_bytes = bytes;
        self
    }

    /// Checks the ranges, naming the first setting at fault.
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        let settings = [
            ("with_label_values", self.label_values, MAX_SERIES),
            ("with_family_series", self.family_series, MAX_SERIES),
            ("with_histogram_series", self.histogram_series, MAX_SERIES),
            ("with_process_series", self.process_series, usize::MAX),
            ("with_process_bytes", self.process_bytes, usize::MAX),
            ("with_families", self.families, usize::MAX),
            ("with_labels", self.labels, MAX_LABELS),
            ("with_value_bytes", self.value_bytes, MAX_VALUE_BYTES),
        ];
        for (setting, value, most) in settings {
            if value == 0 || value > most {
                let range = if most == usize::MAX {
                    "at least 1".to_owned()
                } else {
                    format!("from 1 to {most}")
                };
                return Err(ConfigError::invalid(setting, range));
            }
        }
        Ok(())
    }

    pub(crate) const fn label_values(&self) -> usize {
        self.label_values
    }

    pub(crate) const fn family_series(&self) -> usize {
        self.family_series
    }

    pub(crate) const fn histogram_series(&self) -> usize {
        self.histogram_series
    }

    pub(crate) const fn process_series(&self) -> usize {
        self.process_series
    }

    pub(crate) const fn process_bytes(&self) -> usize {
        self.process_bytes
    }

    pub(crate) const fn families(&self) -> usize {
        self.families
    }

    pub(crate) const fn labels(&self) -> usize {
        self.labels
    }

    pub(crate) const fn value_bytes(&self) -> usize {
        self.value_bytes
    }

    /// What a descriptor asked for, brought into the range every table can hold.
    pub(crate) fn clamp_series(series: usize) -> usize {
        series.clamp(1, MAX_SERIES)
    }
}

impl Default for Budget {
    /// 100 values a label, 1,000 series a family (200 for a histogram), 10,000 series in 8 MiB and
    /// 1,000 families a process, 16 labels of at most 128 bytes each.
    fn default() -> Self {
        Self {
            label_values: 100,
            family_series: 1_000,
            histogram_series: 200,
            process_series: 10_000,
            process_bytes: 8 * 1_024 * 1_024,
            families: 1_000,
            labels: MAX_LABELS,
            value_bytes: 128,
        }
    }
}

/// Labels a series can carry.
pub(crate) const MAX_LABELS: usize = 16;

/// Distinct label names a family remembers, over all its label sets.
pub(crate) const MAX_LABEL_NAMES: usize = 32;

/// What 20 bits of a table slot can number.
const MAX_SERIES: usize = 1 << 19;

const MAX_VALUE_BYTES: usize = 4_096;
