//! Values whose formatting does what it should not.

use std::fmt;

use crate::support::{lines_of, parse};

struct Panics;

impl fmt::Debug for Panics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("half \"a wo")?;
        panic!("on purpose");
    }
}

impl fmt::Display for Panics {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Err(fmt::Error)
    }
}

#[test]
fn a_debug_that_panics_costs_its_value_only() {
    let lines = lines_of(|| {
        tracing::info!(a = 1, bad = ?Panics, z = 2, "whole");
        tracing::info!("{Panics:?}");
        tracing::info!(fails = %Panics, "error");
    });
    let records: Vec<_> = lines.iter().map(|line| parse(line)).collect();
    assert_eq!(records[0]["body"], "whole");
    assert_eq!(records[0]["bad"], "<debug panicked>");
    assert_eq!((&records[0]["a"], &records[0]["z"]), (&1.into(), &2.into()));
    assert_eq!(records[1]["body"], "<debug panicked>");
    assert_eq!(records[2]["fails"], "");
}

#[test]
fn an_event_while_the_thread_unwinds_is_written() {
    struct LogsOnDrop;
    impl Drop for LogsOnDrop {
        fn drop(&mut self) {
            tracing::error!(bad = ?Panics, "dropped");
        }
    }
    let lines = lines_of(|| {
        let unwound = std::panic::catch_unwind(|| {
            let _logs = LogsOnDrop;
            panic!("on purpose");
        });
        assert!(unwound.is_err());
    });
    assert_eq!(parse(&lines[0])["body"], "dropped");
}
