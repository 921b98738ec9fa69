//! The grammar and the limits of a `tracestate` list
//! ([section 3.3](https://www.w3.org/TR/trace-context-2/#tracestate-header)).
//!
//! Reading collects slices of the header lines in a fixed array, so that a hostile list is refused
//! before anything is allocated. At most [`MAX_MEMBERS`] members are ever held, all well formed.

use super::tracestate::InvalidTraceState;

/// How many members a list may have.
pub(super) const MAX_MEMBERS: usize = 32;

/// The longest key, and the longest value, in characters.
const MAX_PART_LEN: usize = 256;

/// Members longer than this are the first to go when a list is too long.
const LARGE_MEMBER_LEN: usize = 128;

/// The members of a list, `key=value` each, while it is read or changed.
pub(super) struct ListMembers<'a> {
    members: [&'a str; MAX_MEMBERS],
    len: usize,
}

impl<'a> ListMembers<'a> {
    pub(super) const fn new() -> Self {
        Self {
            members: [""; MAX_MEMBERS],
            len: 0,
        }
    }

    /// Appends the members of one header line. Empty members are legal and dropped, since callers
    /// that join several lines leave them behind.
    pub(super) fn read(&mut self, line: &'a str) -> Result<(), InvalidTraceState> {
        for member in line.split(',') {
            let member = member.trim_matches([' ', '\t']);
            if member.is_empty() {
                continue;
            }
            let (key, value) = split(member);
            check(key, value)?;
            if !self.push(member) {
                return Err(InvalidTraceState::TOO_MANY_MEMBERS);
            }
        }
        Ok(())
    }

    /// Appends a well-formed member, unless the list is full.
    pub(super) fn push(&mut self, member: &'a str) -> bool {
        let Some(free) = self.members.get_mut(self.len) else {
            return false;
        };
        *free = member;
        self.len += 1;
        true
    }

    /// Removes members until the text has at most `max_len` characters: large ones first, then
    /// whichever is last; never one of the first `keep`. Says whether any was removed.
    pub(super) fn truncate(&mut self, max_len: usize, keep: usize) -> bool {
        let before = self.len;
        while self.text_len() > max_len && self.len > keep {
            let large = self
                .as_slice()
                .iter()
                .rposition(|member| member.len() > LARGE_MEMBER_LEN)
                .filter(|&at| at >= keep);
            let victim = large.unwrap_or(self.len - 1);
            if let Some(tail) = self.members.get_mut(victim..self.len) {
                tail.rotate_left(1);
            }
            self.len -= 1;
        }
        self.len < before
    }

    /// The members, the most recently changed first.
    pub(super) fn as_slice(&self) -> &[&'a str] {
        self.members.get(..self.len).unwrap_or_default()
    }

    /// How long the members are when joined by commas, in characters.
    pub(super) fn text_len(&self) -> usize {
        let members: usize = self.as_slice().iter().map(|member| member.len()).sum();
        members + self.len.saturating_sub(1)
    }
}

/// The key and the value of a member. Without `=`, all of it is the key and the value is empty,
/// which no value may be.
pub(super) fn split(member: &str) -> (&str, &str) {
    member.split_once('=').unwrap_or((member, ""))
}

/// Checks both sides of a member.
pub(super) fn check(key: &str, value: &str) -> Result<(), InvalidTraceState> {
    if !is_key(key.as_bytes()) {
        return Err(InvalidTraceState::KEY);
    }
    if !is_value(value.as_bytes()) {
        return Err(InvalidTraceState::VALUE);
    }
    Ok(())
}

/// The line as text, if it is a list as it would be sent: well-formed members, not too many, nothing
/// optional around or between them. That is what most senders write, and needs one look at each
/// character.
pub(super) fn as_sent(line: &[u8], max_len: usize) -> Option<&str> {
    if line.len() > max_len {
        return None;
    }
    let mut rest = line;
    for _ in 0..MAX_MEMBERS {
        let key = rest.iter().take_while(|c| is(**c, KEY)).count();
        let (b'=', after) = rest.get(key..)?.split_first()? else {
            return None;
        };
        let value = after.iter().take_while(|c| is(**c, VALUE)).count();
        let starts_well = rest.first().is_some_and(|c| is(*c, KEY_START));
        let ends_well = after.get(..value)?.last().is_some_and(|last| *last != b' ');
        // A blank in front of a key cannot be told from one behind a comma, and is no key.
        if !starts_well || !ends_well || key > MAX_PART_LEN || value > MAX_PART_LEN {
            return None;
        }
        match after.get(value..)? {
            [] => return std::str::from_utf8(line).ok(),
            [b',', further @ ..] => rest = further,
            _ => return None,
        }
    }
    None
}

/// Level 2 gave up the `tenant@system` structure of level 1: `@` is a character like others.
fn is_key(key: &[u8]) -> bool {
    key.first().is_some_and(|c| is(*c, KEY_START))
        && key.len() <= MAX_PART_LEN
        && key.iter().all(|c| is(*c, KEY))
}

fn is_value(value: &[u8]) -> bool {
    matches!(value, [.., last] if *last != b' ')
        && value.len() <= MAX_PART_LEN
        && value.iter().all(|c| is(*c, VALUE))
}

const KEY: u8 = 1;
const KEY_START: u8 = 2;
const VALUE: u8 = 4;

fn is(byte: u8, class: u8) -> bool {
    CLASSES
        .get(usize::from(byte))
        .is_some_and(|classes| classes & class != 0)
}

/// Where each character may stand.
#[expect(
    clippy::indexing_slicing,
    reason = "evaluated at compile time, where an out-of-bounds index is a compile error"
)]
static CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte as u8 {
            b'a'..=b'z' | b'0'..=b'9' => KEY | KEY_START | VALUE,
            b'_' | b'-' | b'*' | b'/' | b'@' => KEY | VALUE,
            b',' | b'=' => 0,
            b' '..=b'~' => VALUE,
            _ => 0,
        };
        byte += 1;
    }
    classes
};
