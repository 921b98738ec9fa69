//! Files: rotated by size and age, cleared away by number, age and total size.
//!
//! A rotated file keeps the moment of its rotation in its name, `shop.log.20231114T221320042`, so
//! that names sort by time. Whole lines are kept together. All of it happens on the writer thread.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::encode::time::Timestamps;

/// How often the directory is looked at for files that are too old.
const CLEAR_EVERY: Duration = Duration::from_secs(60);

/// A file that lines are appended to. Given to [`JsonSink::file`](crate::JsonSink::file).
///
/// ```no_run
/// use std::time::Duration;
///
/// use otel_log_bridge::{JsonSink, LogFile};
/// use tracing::level_filters::LevelFilter;
///
/// const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// let debug = JsonSink::file(
///     LogFile::new("/var/log/shop/debug.log")
///         .with_max_bytes(64 << 20)
///         .with_retention(DAY),
/// )
/// .with_levels(LevelFilter::DEBUG, LevelFilter::DEBUG);
/// let errors = JsonSink::file(
///     LogFile::new("/var/log/shop/error.log")
///         .with_max_age(DAY)
///         .with_retention(90 * DAY)
///         .with_max_total_bytes(10 << 30),
/// )
/// .with_levels(LevelFilter::WARN, LevelFilter::ERROR);
/// # let _ = (debug, errors);
/// ```
#[derive(Clone, Debug)]
#[must_use = "a file is given to a sink"]
pub struct LogFile {
    path: PathBuf,
    max_bytes: Option<u64>,
    max_age: Option<Duration>,
    max_files: Option<usize>,
    max_total_bytes: Option<u64>,
    retention: Option<Duration>,
}

impl LogFile {
    /// Appends to `path` and never rotates. Its directory is made when it is not there.
    ///
    /// A file that another program has moved away is opened anew.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            max_bytes: None,
            max_age: None,
            max_files: None,
            max_total_bytes: None,
            retention: None,
        }
    }

    /// Rotates before the file grows past this many bytes.
    pub const fn with_max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = Some(bytes);
        self
    }

    /// Rotates a file that was begun this long ago.
    pub const fn with_max_age(mut self, age: Duration) -> Self {
        self.max_age = Some(age);
        self
    }

    /// Keeps this many rotated files.
    pub const fn with_max_files(mut self, files: usize) -> Self {
        self.max_files = Some(files);
        self
    }

    /// Keeps rotated files of this many bytes together.
    pub const fn with_max_total_bytes(mut self, bytes: u64) -> Self {
        self.max_total_bytes = Some(bytes);
        self
    }

    /// Removes rotated files this long after their rotation. What is still being written is rotated
    /// by then, so that no line stays longer than twice as long.
    pub const fn with_retention(mut self, age: Duration) -> Self {
        self.retention = Some(age);
        self
    }
}

/// The file as its writer thread has it.
#[derive(Debug)]
pub(crate) struct RotatingFile {
    file: LogFile,
    open: Option<Open>,
    cleared: Option<SystemTime>,
}

#[derive(Debug)]
struct Open {
    file: File,
    bytes: u64,
    begun: SystemTime,
    checked: SystemTime,
}

impl RotatingFile {
    pub(crate) const fn new(file: LogFile) -> Self {
        Self {
            file,
            open: None,
            cleared: None,
        }
    }

    /// Writes as much as fits, to the end of a line where a file is full.
    pub(crate) fn write(&mut self, bytes: &[u8], now: SystemTime) -> io::Result<usize> {
        self.upkeep(now)?;
        let max = self.file.max_bytes.unwrap_or(u64::MAX);
        let first_line = bytes
            .iter()
            .position(|b| *b == b'\n')
            .map_or(bytes.len(), |at| at + 1);
        let is_full = |open: &Open| open.bytes > 0 && open.bytes + first_line as u64 > max;
        if self.open.as_ref().is_some_and(is_full) {
            self.rotate(now)?;
        }
        let open = self.opened(now)?;
        let room = usize::try_from(max.saturating_sub(open.bytes)).unwrap_or(usize::MAX);
        let fits = match bytes.get(..room) {
            // Whole lines, and at least one.
            Some(part) => part
                .iter()
                .rposition(|b| *b == b'\n')
                .map_or(first_line, |at| at + 1),
            None => bytes.len(),
        };
        let written = open.file.write(bytes.get(..fits).unwrap_or(bytes))?;
        open.bytes += written as u64;
        Ok(written)
    }

    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.open.as_mut().map_or(Ok(()), |open| open.file.flush())
    }

    /// Rotates what is too old and removes what has been kept long enough.
    pub(crate) fn upkeep(&mut self, now: SystemTime) -> io::Result<()> {
        let age = |since: SystemTime| now.duration_since(since).unwrap_or_default();
        let limit = match (self.file.max_age, self.file.retention) {
            (Some(age), Some(retention)) => Some(age.min(retention)),
            (one, other) => one.or(other),
        };
        if let Some(open) = &mut self.open {
            // Another program may rotate, too.
            if age(open.checked) >= Duration::from_secs(1) {
                open.checked = now;
                if !is_same(&open.file, &self.file.path) {
                    self.open = None;
                }
            }
        }
        let is_old = |open: &Open| limit.is_some_and(|limit| age(open.begun) >= limit);
        if self
            .open
            .as_ref()
            .is_some_and(|open| open.bytes > 0 && is_old(open))
        {
            self.rotate(now)?;
        }
        if self
            .cleared
            .is_none_or(|cleared| age(cleared) >= CLEAR_EVERY)
        {
            self.clear(now);
        }
        Ok(())
    }

    fn opened(&mut self, now: SystemTime) -> io::Result<&mut Open> {
        if self.open.is_none() {
            if let Some(directory) = self.file.path.parent() {
                fs::create_dir_all(directory)?;
            }
            let file = OpenOptions::new()
                .create(true)
                .append(true)
                .open(&self.file.path)?;
            let facts = file.metadata()?;
            let begun = facts.created().ok().filter(|_| facts.len() > 0);
            self.open = Some(Open {
                file,
                bytes: facts.len(),
                begun: begun.unwrap_or(now).min(now),
                checked: now,
            });
        }
        self.open
            .as_mut()
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn rotate(&mut self, now: SystemTime) -> io::Result<()> {
        self.open = None;
        // Two rotations within a millisecond must not overwrite each other.
        let target = (0..1000)
            .map(|later| self.rotated(now + Duration::from_millis(later)))
            .find(|path| !path.exists())
            .ok_or(io::ErrorKind::AlreadyExists)?;
        match fs::rename(&self.file.path, target) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        self.clear(now);
        Ok(())
    }

    fn rotated(&self, now: SystemTime) -> PathBuf {
        let text = Timestamps::new().stamp(now);
        let digits = text
            .iter()
            .filter(|b| b.is_ascii_digit() || **b == b'T')
            .take(18);
        let stamp: String = digits.map(|b| char::from(*b)).collect();
        let mut path = self.file.path.clone().into_os_string();
        path.push(".");
        path.push(stamp);
        path.into()
    }

    /// Removes rotated files, the oldest first. One that cannot be removed is left.
    fn clear(&mut self, now: SystemTime) {
        self.cleared = Some(now);
        let mut kept = self.rotated_files();
        // Newest first.
        kept.sort_by(|a, b| b.path.cmp(&a.path));
        let mut total = 0;
        for (place, old) in kept.iter().enumerate() {
            total += old.bytes;
            let age = now.duration_since(old.rotated).unwrap_or_default();
            let is_surplus = self.file.max_files.is_some_and(|max| place >= max)
                || self.file.max_total_bytes.is_some_and(|max| total > max)
                || self.file.retention.is_some_and(|max| age >= max);
            if is_surplus {
                let _ = fs::remove_file(&old.path);
            }
        }
    }

    fn rotated_files(&self) -> Vec<Rotated> {
        let directory = match self.file.path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let name = self
            .file
            .path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy();
        let Ok(entries) = fs::read_dir(directory) else {
            return Vec::new();
        };
        entries
            .flatten()
            .filter_map(|entry| {
                let file_name = entry.file_name();
                let file_name = file_name.to_string_lossy();
                let stamp = file_name.strip_prefix(&*name)?.strip_prefix('.')?;
                let rotated = parse_stamp(stamp)?;
                Some(Rotated {
                    path: entry.path(),
                    bytes: entry.metadata().ok()?.len(),
                    rotated,
                })
            })
            .collect()
    }
}

#[derive(Debug)]
struct Rotated {
    path: PathBuf,
    bytes: u64,
    rotated: SystemTime,
}

/// The moment in the name of a rotated file: `YYYYMMDDTHHMMSSmmm`.
fn parse_stamp(stamp: &str) -> Option<SystemTime> {
    let digits = |from: usize, to: usize| stamp.get(from..to)?.parse::<i64>().ok();
    if stamp.len() != 18 || stamp.get(8..9) != Some("T") {
        return None;
    }
    let days = crate::encode::time::days(digits(0, 4)?, digits(4, 6)?, digits(6, 8)?);
    let seconds = days * 86_400 + digits(9, 11)? * 3600 + digits(11, 13)? * 60 + digits(13, 15)?;
    let millis = u64::try_from(seconds * 1000 + digits(15, 18)?).ok()?;
    Some(UNIX_EPOCH + Duration::from_millis(millis))
}

/// Whether the open file is the one that its path names.
#[cfg(unix)]
fn is_same(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let (Ok(open), Ok(named)) = (file.metadata(), fs::metadata(path)) else {
        return false;
    };
    (open.dev(), open.ino()) == (named.dev(), named.ino())
}

#[cfg(not(unix))]
fn is_same(_: &File, path: &Path) -> bool {
    path.exists()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_rotated_file_tells_its_moment() {
        let file = RotatingFile::new(LogFile::new("/tmp/shop.log"));
        let moment = UNIX_EPOCH + Duration::from_millis(1_700_000_000_042);
        let path = file.rotated(moment);
        assert_eq!(path, Path::new("/tmp/shop.log.20231114T221320042"));
        assert_eq!(parse_stamp("20231114T221320042"), Some(moment));
        for other in [
            "",
            "20231114T22132004",
            "20231114_221320042",
            "2023111xT221320042",
        ] {
            assert_eq!(parse_stamp(other), None, "{other}");
        }
    }
}
