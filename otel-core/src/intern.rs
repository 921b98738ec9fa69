//! Strings that are met once and used for ever, such as routes and span names.
//!
//! A span name is a `Cow<'static, str>` and a label a `&str`; handing out `&'static str` makes both
//! free on the hot path. The price is memory that is never given back, so it is bounded for the
//! whole process: past the bound a string is refused and its user falls back to a name it has.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

/// Bytes the table may keep for ever.
const MAX_BYTES: usize = 2 * 1024 * 1024;
/// What an entry costs besides its text: its place in the table and its own allocation, bytes.
const ENTRY_BYTES: usize = 64;
/// Longest string that is kept, bytes.
const MAX_LEN: usize = 512;

#[derive(Default)]
struct Table {
    strings: HashSet<&'static str>,
    bytes: usize,
}

static TABLE: Mutex<Option<Table>> = Mutex::new(None);

/// The one lasting copy of `text`, or `None` when it is longer than 512 bytes or the process has
/// interned 2 MiB already.
///
/// Takes a lock: for the first sight of a route or method, not for each request.
#[must_use]
pub fn intern(text: &str) -> Option<&'static str> {
    let mut guard = TABLE.lock().unwrap_or_else(PoisonError::into_inner);
    let table = guard.get_or_insert_default();
    if let Some(known) = table.strings.get(text) {
        return Some(known);
    }
    let bytes = table.bytes + text.len() + ENTRY_BYTES;
    if text.len() > MAX_LEN || bytes > MAX_BYTES {
        return None;
    }
    let kept: &'static str = Box::leak(Box::from(text));
    table.bytes = bytes;
    table.strings.insert(kept);
    Some(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_copy_per_content_and_none_past_the_length() {
        let first = intern("/orders/{id}").unwrap();
        let second = intern(&String::from("/orders/{id}")).unwrap();
        assert!(std::ptr::eq(first, second));
        assert!(intern(&"x".repeat(513)).is_none());
    }
}
