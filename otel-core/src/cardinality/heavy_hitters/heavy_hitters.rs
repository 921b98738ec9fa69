//! SpaceSaving, over hashes.

use std::cmp::Reverse;

use super::hash_index::HashIndex;
use crate::cardinality::MaskedValue;

/// The heaviest values of a stream of hashes, at most as many as its capacity.
#[derive(Debug)]
pub(crate) struct HeavyHitters {
    /// An entry stays in its slot.
    pub(super) entries: Vec<Entry>,
    /// A binary heap of the slots, the lightest first.
    pub(super) heap: Vec<Node>,
    /// Where in the heap a slot is.
    places: Box<[u16]>,
    index: HashIndex,
    total: u64,
}

/// One value as [`HeavyHitters`] knows it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HeavyHitter {
    pub(crate) hash: u64,
    /// At least what the value weighs.
    pub(crate) weight: u64,
    /// By how much at most that is too much.
    pub(crate) error: u64,
    /// How the value is built. Empty if it took another's place and was not seen since, so that a
    /// stream without heavy values pays for no examples.
    pub(crate) example: MaskedValue,
}

impl HeavyHitter {
    /// What the value weighs at least.
    pub(crate) const fn certain(&self) -> u64 {
        self.weight.saturating_sub(self.error)
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    hash: u64,
    error: u64,
    example: MaskedValue,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    pub(super) weight: u64,
    slot: u16,
}

impl HeavyHitters {
    /// Room for this many values, at least 1 and at most 16,384.
    pub(crate) fn new(capacity: usize) -> Self {
        let capacity = capacity.clamp(1, MAX_CAPACITY);
        Self {
            entries: Vec::with_capacity(capacity),
            heap: Vec::with_capacity(capacity),
            places: vec![0; capacity].into_boxed_slice(),
            index: HashIndex::new(capacity),
            total: 0,
        }
    }

    /// Adds to the weight of the value with this hash.
    pub(crate) fn offer(&mut self, hash: u64, weight: u64, value: &str) {
        self.total = self.total.saturating_add(weight);
        if let Some(slot) = self.find(hash) {
            if let Some(entry) = self.entry_mut(slot)
                && entry.example.is_empty()
            {
                entry.example = MaskedValue::of(value);
            }
            let place = self.place(slot);
            if let Some(node) = self.heap.get_mut(place) {
                node.weight = node.weight.saturating_add(weight);
            }
            self.sink(place);
        } else if self.entries.len() < self.capacity() {
            self.push(hash, weight, value);
        } else {
            self.replace_lightest(hash, weight);
        }
    }

    /// What is known of the value with this hash.
    #[cfg(test)]
    pub(crate) fn get(&self, hash: u64) -> Option<HeavyHitter> {
        let node = self.heap.get(self.place(self.find(hash)?))?;
        self.hitter(node)
    }

    /// Forgets what the value weighed, because it has a series of its own now.
    ///
    /// It becomes the next to be replaced, but not lighter than the lightest: that much may have been
    /// inherited from values that have no entry any more.
    pub(crate) fn forget(&mut self, hash: u64) {
        let Some(slot) = self.find(hash) else {
            return;
        };
        let lightest = self.heap.first().map_or(0, |node| node.weight);
        let is_full = self.entries.len() == self.capacity();
        let left = if is_full { lightest } else { 0 };
        if let Some(entry) = self.entry_mut(slot) {
            entry.error = left;
        }
        let place = self.place(slot);
        if let Some(node) = self.heap.get_mut(place) {
            self.total = self.total.saturating_sub(node.weight - left);
            node.weight = left;
        }
        self.rise(place);
    }

    /// The values that weigh something for certain, the heaviest first.
    pub(crate) fn top(&self) -> Vec<HeavyHitter> {
        let hitters = self.heap.iter().filter_map(|node| self.hitter(node));
        let mut top: Vec<_> = hitters.filter(|hitter| hitter.certain() > 0).collect();
        top.sort_unstable_by_key(|hitter| Reverse((hitter.certain(), hitter.weight)));
        top
    }

    /// Ends the window: everything weighs half, rounded so that the bounds hold.
    pub(crate) fn halve(&mut self) {
        let mut total = 0_u64;
        for node in &mut self.heap {
            let Some(entry) = self.entries.get_mut(usize::from(node.slot)) else {
                continue;
            };
            let certain = node.weight.saturating_sub(entry.error) / 2;
            // Keeps the order of the heap: it is monotone.
            node.weight = node.weight.div_ceil(2);
            entry.error = node.weight - certain;
            total = total.saturating_add(node.weight);
        }
        self.total = total;
    }

    /// The weight of all that was offered, halved with each window.
    #[cfg(test)]
    pub(crate) const fn total(&self) -> u64 {
        self.total
    }

    /// Values it has room for.
    pub(crate) const fn capacity(&self) -> usize {
        self.places.len()
    }

    /// Bytes it holds on the heap, the same from its construction on.
    #[cfg(test)]
    pub(crate) const fn bytes(&self) -> usize {
        self.entries.capacity() * size_of::<Entry>()
            + self.heap.capacity() * size_of::<Node>()
            + self.places.len() * size_of::<u16>()
            + self.index.bytes()
    }

    fn push(&mut self, hash: u64, weight: u64, value: &str) {
        let place = self.entries.len();
        // At most the capacity, which fits.
        let slot = place as u16;
        self.entries.push(Entry {
            hash,
            error: 0,
            example: MaskedValue::of(value),
        });
        self.index.insert(hash, slot);
        self.heap.push(Node { weight, slot });
        self.set_place(slot, place);
        self.rise(place);
    }

    fn replace_lightest(&mut self, hash: u64, weight: u64) {
        let Some(node) = self.heap.first_mut() else {
            return;
        };
        let (slot, inherited) = (node.slot, node.weight);
        node.weight = inherited.saturating_add(weight);
        let taken = Entry {
            hash,
            error: inherited,
            example: MaskedValue::default(),
        };
        if let Some(entry) = self.entries.get_mut(usize::from(slot)) {
            let gone = std::mem::replace(entry, taken).hash;
            self.index.remove(gone, slot);
        }
        self.index.insert(hash, slot);
        self.sink(0);
    }

    fn find(&self, hash: u64) -> Option<u16> {
        let is_of = |slot: u16| {
            self.entries
                .get(usize::from(slot))
                .is_some_and(|entry| entry.hash == hash)
        };
        self.index.find(hash, is_of)
    }

    fn hitter(&self, node: &Node) -> Option<HeavyHitter> {
        let entry = self.entries.get(usize::from(node.slot))?;
        Some(HeavyHitter {
            hash: entry.hash,
            weight: node.weight,
            error: entry.error,
            example: entry.example,
        })
    }

    fn entry_mut(&mut self, slot: u16) -> Option<&mut Entry> {
        self.entries.get_mut(usize::from(slot))
    }

    fn place(&self, slot: u16) -> usize {
        self.places
            .get(usize::from(slot))
            .copied()
            .unwrap_or_default()
            .into()
    }

    fn set_place(&mut self, slot: u16, place: usize) {
        if let Some(held) = self.places.get_mut(usize::from(slot)) {
            *held = place as u16;
        }
    }

    /// Moves a node that may be too heavy for its place away from the top.
    fn sink(&mut self, mut place: usize) {
        let Some(&moved) = self.heap.get(place) else {
            return;
        };
        loop {
            let left = place * 2 + 1;
            let Some(&(mut lighter)) = self.heap.get(left) else {
                break;
            };
            let mut child = left;
            if let Some(&right) = self.heap.get(left + 1)
                && right.weight < lighter.weight
            {
                (lighter, child) = (right, left + 1);
            }
            if moved.weight <= lighter.weight {
                break;
            }
            self.put(place, lighter);
            place = child;
        }
        self.put(place, moved);
    }

    /// Moves a node that may be too light for its place towards the top, before its equals.
    fn rise(&mut self, mut place: usize) {
        let Some(&moved) = self.heap.get(place) else {
            return;
        };
        while let Some(parent) = place.checked_sub(1).map(|below| below / 2)
            && let Some(&heavier) = self.heap.get(parent)
            && heavier.weight >= moved.weight
        {
            self.put(place, heavier);
            place = parent;
        }
        self.put(place, moved);
    }

    fn put(&mut self, place: usize, node: Node) {
        if let Some(held) = self.heap.get_mut(place) {
            *held = node;
        }
        self.set_place(node.slot, place);
    }
}

/// Slots are numbered in 16 bits.
const MAX_CAPACITY: usize = 1 << 14;
