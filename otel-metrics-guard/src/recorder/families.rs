//! The families of one kind by the name the call site gives them.
//!
//! Read for every key that is not known, so without a lock; copied whole for a new name, which
//! happens as often as there are names.

use std::collections::HashMap;

use arc_swap::ArcSwap;
use foldhash::fast::RandomState;
use otel_core::registry::{Family, Instrument};

use super::names::MAX_NAMES;

type Map<I> = HashMap<Box<str>, Family<I>, RandomState>;

#[derive(Debug)]
pub(super) struct Families<I: Instrument>(ArcSwap<Map<I>>);

impl<I: Instrument> Families<I> {
    pub(super) fn new() -> Self {
        Self(ArcSwap::from_pointee(Map::default()))
    }

    pub(super) fn with<R>(&self, name: &str, read: impl FnOnce(&Family<I>) -> R) -> Option<R> {
        self.0.load().get(name).map(read)
    }

    /// Remembers a family while there is room; the caller holds the lock on the names.
    pub(super) fn add(&self, name: &str, family: &Family<I>) {
        let families = self.0.load();
        if families.len() < MAX_NAMES {
            let mut families = Map::clone(&families);
            families.insert(name.into(), family.clone());
            self.0.store(families.into());
        }
    }
}
