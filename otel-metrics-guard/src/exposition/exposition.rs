//! The exposition: a snapshot of the registry, written chunk by chunk.
//!
//! Only a position is kept between two chunks, so the memory of a scrape is that of one chunk. Each
//! value is read when its line is written.

use bytes::{BufMut, Bytes, BytesMut};
use otel_core::registry::{FamilySnapshot, Snapshot};
use otel_core::resource::Resource;

use super::chunk_pool::ChunkPool;
use super::dialect::{Dialect, Marks};
use super::sample::SampleWriter;
use super::{Format, Selection, target};

/// A registry in a text format, in chunks of bytes.
///
/// The chunks together are the exposition. It is complete when the iterator has ended: one that is
/// given up in OpenMetrics lacks its `# EOF` and is refused by its reader.
///
/// A chunk that was dropped lends its memory to a later one: whoever takes them one at a time pays for one,
/// whatever their number.
///
/// ```
/// use otel_core::registry::Registry;
/// use otel_core::resource::Resource;
/// use otel_metrics_guard::exposition::{Exposition, Format};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let registry = Registry::new();
/// registry.counter("orders").add(&[("kind", "book")], 3);
/// let resource = Resource::builder().with_service_name("shop").build()?;
///
/// let mut file = Vec::new();
/// for chunk in Exposition::new(registry.collect(), &resource, Format::Text) {
///     file.extend_from_slice(&chunk);
/// }
/// assert!(String::from_utf8(file)?.contains("\norders_total{kind=\"book\"} 3\n"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "an exposition is written as it is iterated over"]
pub struct Exposition {
    snapshot: Snapshot,
    selection: Selection,
    target: String,
    format: Format,
    chunk_bytes: usize,
    position: Position,
    samples: SampleWriter,
    pool: ChunkPool,
}

/// What is to be written next.
#[derive(Clone, Copy, Debug)]
enum Position {
    Target,
    Series { family: usize, series: usize },
    Finished,
}

impl Exposition {
    /// Writes a snapshot, after a `target_info` made of the resource.
    pub fn new(snapshot: Snapshot, resource: &Resource, format: Format) -> Self {
        Self {
            snapshot,
            selection: Selection::all(),
            target: target::labels(resource),
            format,
            chunk_bytes: CHUNK_BYTES,
            position: Position::Target,
            samples: SampleWriter::default(),
            pool: ChunkPool::default(),
        }
    }

    /// Writes only these families; all of them otherwise.
    pub fn with_selection(mut self, selection: Selection) -> Self {
        self.selection = selection;
        self
    }

    /// Whether OpenMetrics says when counters and histograms began, as `_created`; it does not
    /// otherwise. Prometheus keeps each of these samples as a series of its own unless told not to. The
    /// text format has no place for them.
    pub const fn with_created(mut self, created: bool) -> Self {
        self.samples.set_created(created);
        self
    }

    /// The size from which on a chunk is given out, 16 KiB by default. A chunk ends with a series,
    /// so it exceeds this by one series at most.
    pub const fn with_chunk_bytes(mut self, bytes: usize) -> Self {
        self.chunk_bytes = bytes;
        self
    }

    /// Whether the last chunk was written.
    pub(crate) const fn is_finished(&self) -> bool {
        matches!(self.position, Position::Finished)
    }

    /// Appends the next chunk; nothing after the last.
    pub(crate) fn write(&mut self, out: &mut BytesMut) {
        out.reserve(self.room());
        self.fill(out);
    }

    /// What a chunk is expected to need, with room beyond the mark for a histogram of the usual size.
    fn room(&self) -> usize {
        self.chunk_bytes.min(CHUNK_BYTES) + HEADROOM_BYTES
    }

    fn fill(&mut self, out: &mut BytesMut) {
        while out.len() < self.chunk_bytes.max(1) {
            self.position = match self.position {
                Position::Target => {
                    if self.selection.has_target(self.format) {
                        push_target(out, self.format.dialect(), &self.target);
                    }
                    self.enter(out, 0)
                }
                Position::Series { family, series } => self.fill_series(out, family, series),
                Position::Finished => return,
            };
        }
    }

    /// Writes the head of the next family from here on, or the end when there are no more.
    fn enter(&mut self, out: &mut BytesMut, at: usize) -> Position {
        let dialect = self.format.dialect();
        let mut families = self.snapshot.families().enumerate().skip(at);
        let selected = |family| self.selection.has_family(family, self.format);
        let Some((at, family)) = families.find(|(_, family)| selected(family)) else {
            out.extend_from_slice(dialect.end.as_bytes());
            return Position::Finished;
        };
        let marks = (dialect.marks)(family.kind());
        push_metadata(out, dialect, &marks, family);
        self.samples.enter(dialect, &marks, family);
        Position::Series {
            family: at,
            series: 0,
        }
    }

    fn fill_series(&mut self, out: &mut BytesMut, family: usize, mut series: usize) -> Position {
        let dialect = self.format.dialect();
        if let Some(snapshot) = self.snapshot.families().nth(family) {
            for view in snapshot.series().skip(series) {
                self.samples.push_series(out, dialect, snapshot, view);
                series += 1;
                if out.len() >= self.chunk_bytes {
                    return Position::Series { family, series };
                }
            }
        }
        self.enter(out, family + 1)
    }
}

impl Iterator for Exposition {
    type Item = Bytes;

    fn next(&mut self) -> Option<Bytes> {
        if self.is_finished() {
            return None;
        }
        let mut pool = std::mem::take(&mut self.pool);
        let chunk = pool.chunk(self.room(), |out| self.fill(out));
        self.pool = pool;
        (!chunk.is_empty()).then_some(chunk)
    }
}

fn push_target(out: &mut BytesMut, dialect: &Dialect, labels: &str) {
    let Marks {
        word,
        family_suffix: suffix,
        ..
    } = dialect.info;
    push_line(out, &["# TYPE target", suffix, " ", word]);
    push_line(out, &["# HELP target", suffix, " ", target::HELP]);
    let sample = dialect.info.sample_suffix();
    push_line(out, &["target", sample, "{", labels, "} 1"]);
}

/// TYPE, UNIT and HELP, the order OpenMetrics prefers ("Metric Family Metadata").
fn push_metadata(out: &mut BytesMut, dialect: &Dialect, marks: &Marks, family: &FamilySnapshot) {
    let (name, suffix) = (family.name(), marks.family_suffix);
    push_line(out, &["# TYPE ", name, suffix, " ", marks.word]);
    if marks.has_unit && is_last_word(family.unit(), name) {
        push_line(out, &["# UNIT ", name, suffix, " ", family.unit()]);
    }
    if !family.help().is_empty() {
        push(out, &["# HELP ", name, suffix, " "]);
        for &byte in family.help().as_bytes() {
            match (dialect.escape_help)(byte) {
                Some(escaped) => out.extend_from_slice(escaped.as_bytes()),
                None => out.put_u8(byte),
            }
        }
        out.put_u8(b'\n');
    }
}

/// Whether a unit may be declared: readers refuse the whole exposition when the name does not end
/// with `_` and the unit, so also when it is nothing but the unit.
fn is_last_word(unit: &str, name: &str) -> bool {
    !unit.is_empty()
        && name
            .strip_suffix(unit)
            .is_some_and(|rest| rest.ends_with('_'))
}

fn push_line(out: &mut BytesMut, parts: &[&str]) {
    push(out, parts);
    out.put_u8(b'\n');
}

fn push(out: &mut BytesMut, parts: &[&str]) {
    for part in parts {
        out.extend_from_slice(part.as_bytes());
    }
}

const CHUNK_BYTES: usize = 16 * 1024;
const HEADROOM_BYTES: usize = 4 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_is_declared_only_as_the_last_word_of_the_name() {
        for (unit, name, declared) in [
            ("seconds", "uptime_seconds", true),
            ("bytes_per_second", "io_bytes_per_second", true),
            ("seconds", "seconds", false),
            ("seconds", "microseconds", false),
            ("seconds", "uptime", false),
            ("", "uptime_", false),
        ] {
            assert_eq!(is_last_word(unit, name), declared, "{name} in {unit}");
        }
    }
}
