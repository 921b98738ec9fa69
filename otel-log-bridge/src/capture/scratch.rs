//! The buffers of one event, reused by the next.
//!
//! The body may come after fields and must be written before them, hence a buffer for each.
//! Capacities are kept, so a thread in its stride allocates nothing.

use crate::encode::line::MAX_FIELDS_BYTES;
use crate::encode::time::Timestamps;

/// A thread keeps no more than this between events, bytes.
const MAX_KEPT: usize = 32 * 1024;

/// Buffers and the state that lasts as long as one event.
#[derive(Debug)]
pub(crate) struct Scratch {
    pub(crate) line: Vec<u8>,
    pub(crate) body: Vec<u8>,
    pub(crate) has_body: bool,
    /// `,"target":"…"` of a record of the `log` crate; empty for every other event.
    pub(crate) log_target: Vec<u8>,
    pub(crate) timestamps: Timestamps,
    fields: Vec<u8>,
    field_count: usize,
    repeats: Vec<Repeat>,
}

/// Where a key stands that may come again.
#[derive(Debug)]
struct Repeat {
    first: usize,
    start: usize,
    end: usize,
}

/// What became of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Added {
    New,
    Replaced,
    NoRoom,
}

impl Default for Scratch {
    fn default() -> Self {
        Self {
            line: Vec::with_capacity(1024),
            body: Vec::with_capacity(256),
            has_body: false,
            log_target: Vec::new(),
            timestamps: Timestamps::new(),
            fields: Vec::with_capacity(512),
            field_count: 0,
            repeats: Vec::new(),
        }
    }
}

impl Scratch {
    /// Forgets the last event.
    pub(crate) fn clear(&mut self) {
        self.line.clear();
        self.body.clear();
        self.has_body = false;
        self.log_target.clear();
        self.fields.clear();
        self.field_count = 0;
        self.repeats.clear();
    }

    /// The inside of the body string, if the event has a message.
    pub(crate) fn body(&self) -> Option<&[u8]> {
        self.has_body.then_some(&*self.body)
    }

    /// The members of all fields.
    pub(crate) fn fields(&self) -> &[u8] {
        &self.fields
    }

    /// Appends a member: `key`, then what `write` appends.
    ///
    /// `repeats` is given for a key that the event may carry more than once: the last value stands
    /// where the first stood.
    pub(crate) fn add(
        &mut self,
        key: &[u8],
        repeats: Option<usize>,
        max_fields: usize,
        write: impl FnOnce(&mut Vec<u8>),
    ) -> Added {
        let earlier = repeats.and_then(|first| {
            let at = self.repeats.iter().position(|repeat| repeat.first == first);
            at.map(|at| self.repeats.swap_remove(at))
        });
        if earlier.is_none() && self.field_count >= max_fields {
            return Added::NoRoom;
        }
        let start = self.fields.len();
        self.fields.extend_from_slice(key);
        write(&mut self.fields);
        let taken = earlier.as_ref().map_or(0, |old| old.end - old.start);
        if self.fields.len() - taken > MAX_FIELDS_BYTES {
            self.fields.truncate(start);
            self.repeats.extend(earlier);
            return Added::NoRoom;
        }
        let mut place = (start, self.fields.len());
        if let Some(old) = &earlier {
            place = self.move_into(old, start);
        } else {
            self.field_count += 1;
        }
        if let Some(first) = repeats {
            let (start, end) = place;
            self.repeats.push(Repeat { first, start, end });
        }
        if earlier.is_some() {
            Added::Replaced
        } else {
            Added::New
        }
    }

    /// Moves the last member, which begins at `start`, to the place of an earlier one.
    fn move_into(&mut self, old: &Repeat, start: usize) -> (usize, usize) {
        let length = self.fields.len() - start;
        let old_length = old.end - old.start;
        if let Some(tail) = self.fields.get_mut(old.start..) {
            tail.rotate_right(length);
        }
        let end = old.start + length;
        self.fields.drain(end..end + old_length);
        for repeat in &mut self.repeats {
            if repeat.start > old.start {
                repeat.start = repeat.start + length - old_length;
                repeat.end = repeat.end + length - old_length;
            }
        }
        (old.start, end)
    }

    /// Whether the buffers are small enough to stay with the thread.
    pub(crate) fn is_worth_keeping(&self) -> bool {
        self.line.capacity() + self.body.capacity() + self.fields.capacity() <= MAX_KEPT
    }
}
