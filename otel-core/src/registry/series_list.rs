//! The series of a family in order of arrival: appended to, never moved.
//!
//! The list is a directory of blocks. Four blocks have the same size, the next four twice that, so
//! at most a quarter of the room is unused and a position leads to its block by shifts. A
//! position, once filled, never changes, so readers need no lock.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use super::series::Series;

#[derive(Debug)]
pub(super) struct SeriesList<C> {
    blocks: OnceLock<Box<[Block<C>]>>,
    len: AtomicU32,
    limit: u32,
}

type Block<C> = OnceLock<Box<[OnceLock<Arc<Series<C>>>]>>;

/// Where a position is.
struct Place {
    block: usize,
    offset: usize,
    /// The room of a whole block.
    size: usize,
}

impl<C> SeriesList<C> {
    /// A list of at most `limit` series.
    pub(super) const fn new(limit: u32) -> Self {
        Self {
            blocks: OnceLock::new(),
            len: AtomicU32::new(0),
            limit,
        }
    }

    /// Bytes that the first series takes apart from itself.
    pub(super) const fn first_bytes(&self) -> usize {
        let blocks = Place::of(self.limit() - 1).block + 1;
        blocks * size_of::<Block<C>>() + FIRST / 4 * size_of::<OnceLock<Arc<Series<C>>>>()
    }

    /// How many series were added and are complete.
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.len.load(Ordering::Acquire) as usize
    }

    pub(super) const fn limit(&self) -> usize {
        self.limit as usize
    }

    #[inline]
    pub(super) fn get(&self, position: usize) -> Option<&Arc<Series<C>>> {
        let place = Place::of(position);
        let block = self.blocks.get()?.get(place.block)?.get()?;
        block.get(place.offset)?.get()
    }

    /// Fills the next position; `None` when the list is full. The caller holds the admission lock and
    /// calls [`publish`](Self::publish) when the series can be found.
    pub(super) fn push(&self, series: Arc<Series<C>>) -> Option<(usize, &Arc<Series<C>>)> {
        let position = self.len();
        if position >= self.limit() {
            return None;
        }
        let place = Place::of(position);
        let blocks = self.blocks.get_or_init(|| {
            let count = Place::of(self.limit() - 1).block + 1;
            (0..count).map(|_| OnceLock::new()).collect()
        });
        let block = blocks.get(place.block)?.get_or_init(|| {
            let room = self.limit() - (position - place.offset);
            (0..place.size.min(room)).map(|_| OnceLock::new()).collect()
        });
        let series = block.get(place.offset)?.get_or_init(|| series);
        Some((position, series))
    }

    /// Counts the series added last.
    pub(super) fn publish(&self) {
        self.len.fetch_add(1, Ordering::Release);
    }
}

impl Place {
    #[inline]
    const fn of(position: usize) -> Self {
        let shifted = position + FIRST;
        let log = shifted.ilog2();
        let size = 1 << (log - 2);
        Self {
            block: ((log - FIRST.ilog2()) as usize) << 2 | (shifted >> (log - 2)) & 3,
            offset: shifted & (size - 1),
            size,
        }
    }
}

/// The positions in the first four blocks.
const FIRST: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_fill_one_block_after_the_other() {
        let (mut block, mut offset, mut room) = (0, 0, 4);
        for position in 0..100_000 {
            let place = Place::of(position);
            assert_eq!((place.block, place.offset), (block, offset), "{position}");
            assert!(place.size <= (position + FIRST) / 4);
            offset += 1;
            if offset == room {
                (block, offset) = (block + 1, 0);
                room = Place::of(position + 1).size;
            }
        }
    }
}
