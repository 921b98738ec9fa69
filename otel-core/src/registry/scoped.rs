//! Series that go with what they measure: a connection, a tenant, a device.

use std::fmt;
use std::ops::Deref;

use super::family::{Family, Instrument};

/// Holds a series and removes it with the last guard of it.
///
/// What was counted is not lost: it is in the [report](super::Registry::report), and the series goes
/// on where it was if the same labels come back before its room was needed. A series that stands for
/// several label sets stays.
///
/// ```
/// use otel_core::registry::Registry;
///
/// let registry = Registry::new();
/// let sent = registry.counter("connection.sent");
/// {
///     let connection = sent.scoped(&[("peer", "10.0.0.1:443")]);
///     connection.add(512);
///     assert_eq!(registry.collect().family("connection_sent").unwrap().len(), 1);
/// }
/// assert_eq!(registry.collect().family("connection_sent").unwrap().len(), 0);
/// ```
#[must_use = "the series is removed when the guard is dropped"]
pub struct Scoped<K: Instrument> {
    handle: K,
}

impl<K: Instrument> Family<K> {
    /// The series of these labels, for as long as anybody holds a guard of it.
    pub fn scoped(&self, labels: &[(&str, &str)]) -> Scoped<K> {
        let handle = self.with(labels);
        let (core, series) = handle.parts();
        core.enter_scope(series);
        Scoped { handle }
    }
}

impl<K: Instrument> Deref for Scoped<K> {
    type Target = K;

    fn deref(&self) -> &K {
        &self.handle
    }
}

impl<K: Instrument> Drop for Scoped<K> {
    fn drop(&mut self) {
        let (core, series) = self.handle.parts();
        core.leave_scope(series);
    }
}

impl<K: Instrument + fmt::Debug> fmt::Debug for Scoped<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Scoped").field(&self.handle).finish()
    }
}
