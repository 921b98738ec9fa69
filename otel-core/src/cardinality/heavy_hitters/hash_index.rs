//! Slots by hash, in a table of fixed size.

/// Open addressing with linear probing, at most half full, without markers for what was removed.
///
/// Each place holds a slot and the 16 upper bits of its hash; the slot leads to the whole.
#[derive(Debug)]
pub(super) struct HashIndex {
    places: Box<[Place]>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Place {
    /// One more than the slot; zero is empty.
    slot: u16,
    tag: u16,
    /// Where a search for it begins.
    home: u16,
}

impl HashIndex {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            places: vec![Place::default(); (capacity * 2).next_power_of_two()].into_boxed_slice(),
        }
    }

    /// The slot of this hash that `is_of` confirms.
    pub(super) fn find(&self, hash: u64, is_of: impl Fn(u16) -> bool) -> Option<u16> {
        let mut at = usize::from(self.home(hash));
        loop {
            let place = self.at(at);
            let slot = place.slot.checked_sub(1)?;
            if place.tag == tag(hash) && is_of(slot) {
                return Some(slot);
            }
            at += 1;
        }
    }

    pub(super) fn insert(&mut self, hash: u64, slot: u16) {
        let home = self.home(hash);
        let mut at = usize::from(home);
        while self.at(at).slot != 0 {
            at += 1;
        }
        let place = Place {
            slot: slot + 1,
            tag: tag(hash),
            home,
        };
        self.set(at, place);
    }

    /// Takes a slot out and moves up those behind it that it had pushed on, so that a search may
    /// always end at the first empty place.
    pub(super) fn remove(&mut self, hash: u64, slot: u16) {
        let mut hole = usize::from(self.home(hash));
        while self.at(hole).slot != slot + 1 {
            if self.at(hole).slot == 0 {
                return;
            }
            hole += 1;
        }
        let mut at = hole + 1;
        loop {
            let place = self.at(at);
            if place.slot == 0 {
                break;
            }
            let distance = self.around(at.wrapping_sub(usize::from(place.home)));
            if distance >= at - hole {
                self.set(hole, place);
                hole = at;
            }
            at += 1;
        }
        self.set(hole, Place::default());
    }

    #[cfg(test)]
    pub(super) const fn bytes(&self) -> usize {
        self.places.len() * size_of::<Place>()
    }

    fn home(&self, hash: u64) -> u16 {
        // Multiplied, because the hash need not have all its bits equally random.
        let mixed = hash.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 48;
        self.around(mixed as usize) as u16
    }

    fn at(&self, at: usize) -> Place {
        let around = self.around(at);
        self.places.get(around).copied().unwrap_or_default()
    }

    fn set(&mut self, at: usize, place: Place) {
        let around = self.around(at);
        if let Some(held) = self.places.get_mut(around) {
            *held = place;
        }
    }

    /// Round the end of the table, whose length is a power of two.
    const fn around(&self, at: usize) -> usize {
        at & (self.places.len() - 1)
    }
}

const fn tag(hash: u64) -> u16 {
    (hash >> 48) as u16
}
