//! Files: rotated, cleared away, and never with half a line.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use otel_core::clock::{Clock, ManualClock};
use otel_log_bridge::{JsonSink, LogBridge, LogFile, LogGuard};
use tracing::Dispatch;
use tracing_subscriber::layer::SubscriberExt;

use crate::support::{PATIENCE, parse, shop};

/// A directory of its own for a test, removed at its end.
struct Directory(PathBuf);

impl Directory {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("otel-log-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        Self(path)
    }

    fn path(&self) -> PathBuf {
        self.0.join("logs").join("shop.log")
    }

    /// The names and contents of all files, the one that is written first.
    fn files(&self) -> Vec<(String, String)> {
        let mut files: Vec<_> = fs::read_dir(self.0.join("logs"))
            .unwrap()
            .map(|entry| entry.unwrap())
            .map(|entry| {
                (
                    entry.file_name().into_string().unwrap(),
                    fs::read_to_string(entry.path()).unwrap(),
                )
            })
            .collect();
        files.sort();
        files
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[derive(Debug)]
struct Shared(Arc<ManualClock>);

impl Clock for Shared {
    fn now(&self) -> Instant {
        self.0.now()
    }

    fn wall(&self) -> SystemTime {
        self.0.wall()
    }
}

fn open(file: LogFile) -> (Dispatch, LogGuard, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::new());
    clock.set_wall(UNIX_EPOCH + Duration::from_secs(1_900_000_000));
    let (layer, guard) = LogBridge::builder(&shop())
        .with_clock(Shared(Arc::clone(&clock)))
        .with_json(JsonSink::file(file))
        .build()
        .unwrap();
    (
        Dispatch::new(tracing_subscriber::registry().with(layer)),
        guard,
        clock,
    )
}

fn log(dispatch: &Dispatch, guard: &LogGuard, n: u64) {
    tracing::dispatcher::with_default(dispatch, || tracing::info!(n, "line"));
    assert_eq!(guard.flush(PATIENCE).pending(), 0);
}

fn numbers(text: &str) -> Vec<u64> {
    text.lines()
        .map(|line| parse(line)["n"].as_u64().unwrap())
        .collect()
}

#[test]
fn a_file_is_rotated_by_size_between_lines() {
    let directory = Directory::new("size");
    let file = LogFile::new(directory.path())
        .with_max_bytes(700)
        .with_max_files(2);
    let (dispatch, guard, clock) = open(file);
    for n in 0..20 {
        log(&dispatch, &guard, n);
        clock.advance(Duration::from_millis(5));
    }
    let files = directory.files();
    assert_eq!(files.len(), 3, "{files:?}");
    assert_eq!(files[0].0, "shop.log");
    let mut all = Vec::new();
    for (name, text) in files[1..].iter().chain(&files[..1]) {
        assert!(text.len() <= 700 && text.ends_with('\n'), "{name}");
        all.extend(numbers(text));
    }
    // The newest of them, each once and in order.
    let expected: Vec<u64> = (20 - all.len() as u64..20).collect();
    assert_eq!(all, expected);
    assert_eq!(guard.stats().written(), 20);
}

#[test]
fn many_lines_at_once_are_split_between_lines() {
    let directory = Directory::new("batch");
    let (dispatch, guard, _clock) = open(LogFile::new(directory.path()).with_max_bytes(5_000));
    tracing::dispatcher::with_default(&dispatch, || {
        (0..500_u64).for_each(|n| tracing::info!(n, "line"));
    });
    guard.shutdown(PATIENCE);
    let mut all: Vec<u64> = directory
        .files()
        .iter()
        .flat_map(|(_, text)| numbers(text))
        .collect();
    all.sort_unstable();
    assert_eq!(all, (0..500).collect::<Vec<u64>>());
    assert!(
        directory
            .files()
            .iter()
            .all(|(_, text)| text.len() <= 5_000)
    );
}

#[test]
fn a_file_is_rotated_by_age_and_removed_after_its_retention() {
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    let directory = Directory::new("age");
    let file = LogFile::new(directory.path())
        .with_max_age(DAY)
        .with_retention(3 * DAY);
    let (dispatch, guard, clock) = open(file);
    for n in 0..10 {
        log(&dispatch, &guard, n);
        clock.advance(DAY);
    }
    log(&dispatch, &guard, 10);
    let kept: Vec<u64> = directory
        .files()
        .iter()
        .flat_map(|(_, text)| numbers(text))
        .collect();
    assert_eq!(kept, [10, 7, 8, 9]);
}

#[test]
fn rotated_files_are_bounded_together() {
    let directory = Directory::new("total");
    let file = LogFile::new(directory.path())
        .with_max_bytes(400)
        .with_max_total_bytes(1_000);
    let (dispatch, guard, clock) = open(file);
    for n in 0..30 {
        log(&dispatch, &guard, n);
        clock.advance(Duration::from_millis(5));
    }
    let rotated: usize = directory.files()[1..]
        .iter()
        .map(|(_, text)| text.len())
        .sum();
    assert!(rotated <= 1_000, "{rotated}");
    // What is not ours is left alone.
    let stranger = directory.path().with_extension("log.bak");
    fs::write(&stranger, "mine").unwrap();
    for n in 30..40 {
        log(&dispatch, &guard, n);
        clock.advance(Duration::from_millis(5));
    }
    assert!(Path::exists(&stranger));
}

#[test]
fn a_file_that_was_moved_away_is_opened_anew_and_one_that_is_there_is_continued() {
    let directory = Directory::new("moved");
    let (dispatch, guard, clock) = open(LogFile::new(directory.path()));
    log(&dispatch, &guard, 1);
    fs::rename(directory.path(), directory.path().with_extension("moved")).unwrap();
    clock.advance(Duration::from_secs(2));
    log(&dispatch, &guard, 2);
    drop(guard);
    let (dispatch, guard, _clock) = open(LogFile::new(directory.path()));
    log(&dispatch, &guard, 3);
    assert_eq!(
        numbers(&fs::read_to_string(directory.path()).unwrap()),
        [2, 3]
    );
}

#[test]
fn a_place_that_cannot_be_written_is_counted_and_delays_nobody() {
    let (dispatch, guard, _clock) = open(LogFile::new("/proc/nowhere/shop.log"));
    tracing::dispatcher::with_default(&dispatch, || tracing::info!("lost"));
    let report = guard.shutdown(PATIENCE);
    assert!(report.is_finished());
    assert_eq!((report.written(), report.dropped()), (0, 1));
    assert!(report.stats().write_errors() > 0);
}
