//! Names that lines repeat: interned once, escaped once, compared by address.
//!
//! `tracing` names are static, and declared ones are few, so the table is bounded by the program
//! text; a bound of its own holds against callsites made at run time. Past it a name is refused and
//! its field is dropped and counted.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use crate::encode::escape;

/// Longest name, bytes as written.
pub(crate) const MAX_WRITTEN: usize = 256;
/// Bytes the table may keep for the life of the process.
const MAX_TABLE_BYTES: usize = 8 << 20;
/// What an entry costs besides its texts, bytes.
const ENTRY_BYTES: usize = 128;

/// A key, target or event name. There is one for each text.
pub(crate) struct Name {
    text: &'static str,
    /// `,"text":"`.
    opened: &'static [u8],
    index: u32,
}

#[derive(Default)]
struct Table {
    /// By text as kept: two texts that are cut alike are one name.
    kept: HashMap<&'static str, &'static Name>,
    bytes: usize,
}

/// Never met: a name of ours is always interned.
static NAMELESS: Name = Name {
    text: "",
    opened: b",\"\":\"",
    index: u32::MAX,
};

static TABLE: Mutex<Option<Table>> = Mutex::new(None);

impl Name {
    /// The name of a text of ours. There is always room for the few there are.
    pub(crate) fn own(text: &'static str) -> &'static Self {
        Self::intern_within(text, usize::MAX).unwrap_or(&NAMELESS)
    }

    /// The one name of this text, or `None` when the table is full. Takes a lock.
    pub(crate) fn intern(text: &str) -> Option<&'static Self> {
        Self::intern_within(text, MAX_TABLE_BYTES)
    }

    fn intern_within(text: &str, max_bytes: usize) -> Option<&'static Self> {
        let mut guard = TABLE.lock().unwrap_or_else(PoisonError::into_inner);
        let table = guard.get_or_insert_default();
        let mut kept = text.to_owned();
        escape::cut(&mut kept, 0, MAX_WRITTEN, 0);
        if let Some(&known) = table.kept.get(kept.as_str()) {
            return Some(known);
        }
        let cost = ENTRY_BYTES + kept.len() * 3;
        if table.bytes + cost > max_bytes {
            return None;
        }
        table.bytes += cost;
        let kept: &'static str = Box::leak(kept.into_boxed_str());
        let mut member = b",\"".to_vec();
        escape::push(&mut member, kept);
        member.extend_from_slice(b"\":\"");
        let name: &'static Self = Box::leak(Box::new(Self {
            text: kept,
            opened: Box::leak(member.into_boxed_slice()),
            index: u32::try_from(table.kept.len()).unwrap_or(u32::MAX),
        }));
        table.kept.insert(kept, name);
        Some(name)
    }

    pub(crate) const fn text(&self) -> &'static str {
        self.text
    }

    /// `,"text":`.
    pub(crate) fn member(&self) -> &'static [u8] {
        let end = self.opened.len().saturating_sub(1);
        self.opened.get(..end).unwrap_or_default()
    }

    /// `,"text":"`, for a value that is a string.
    pub(crate) const fn opened(&self) -> &'static [u8] {
        self.opened
    }

    /// `"text"`.
    pub(crate) fn quoted(&self) -> &'static [u8] {
        let end = self.opened.len().saturating_sub(2);
        self.opened.get(1..end).unwrap_or_default()
    }

    /// Its place in the table, dense from 0.
    pub(crate) const fn index(&self) -> usize {
        self.index as usize
    }

    /// One bit of 64, for a set that may say "perhaps".
    pub(crate) const fn bit(&self) -> u64 {
        1 << (self.index & 63)
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.index == other.index
    }
}

impl Eq for Name {}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.text, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_name_for_a_text_and_for_texts_that_are_cut_alike() {
        let a = Name::intern("http.route").unwrap();
        assert!(std::ptr::eq(a, Name::intern("http.route").unwrap()));
        assert_eq!(a.member(), br#","http.route":"#);
        assert_eq!(a.quoted(), br#""http.route""#);
        let long = |end: &str| format!("{}{end}", "k".repeat(300));
        let (x, y) = (Name::intern(&long("x")), Name::intern(&long("y")));
        assert_eq!(x, y);
        assert!(x.unwrap().text().ends_with("…[truncated 45 bytes]"));
    }
}
