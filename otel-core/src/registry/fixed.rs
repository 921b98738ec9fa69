//! Label sets that are known when the program is built.

use std::fmt;
use std::marker::PhantomData;
use std::sync::OnceLock;

use super::family::{Family, Instrument};

/// A closed list of label sets, such as the variants of an enum.
///
/// ```
/// use otel_core::registry::{FixedLabels, Registry};
///
/// #[derive(Clone, Copy)]
/// enum Cache {
///     Hit,
///     Miss,
/// }
///
/// impl FixedLabels for Cache {
///     const COUNT: usize = 2;
///
///     fn index(self) -> usize {
///         self as usize
///     }
///
///     fn labels(self) -> Vec<(&'static str, &'static str)> {
///         vec![("result", if matches!(self, Self::Hit) { "hit" } else { "miss" })]
///     }
/// }
///
/// let registry = Registry::new();
/// let lookups = registry.counter("cache.lookups").fixed::<Cache>();
/// lookups.of(Cache::Hit).inc();
/// lookups.of(Cache::Miss).add(2);
/// # let snapshot = registry.collect();
/// # assert_eq!(snapshot.family("cache_lookups").unwrap().len(), 2);
/// ```
pub trait FixedLabels: Copy {
    /// How many there are.
    const COUNT: usize;

    /// The number of this one, below [`COUNT`](Self::COUNT).
    fn index(self) -> usize;

    /// Its labels; asked for once.
    fn labels(self) -> Vec<(&'static str, &'static str)>;
}

/// The series of a family by [`FixedLabels`]: each is found by its number.
///
/// The handles are held, so that the series are as those of [`Family::with`].
pub struct Fixed<K: Instrument, L> {
    family: Family<K>,
    handles: Box<[OnceLock<K>]>,
    labels: PhantomData<fn(L)>,
}

impl<K: Instrument> Family<K> {
    /// This family by a closed list of label sets.
    #[must_use]
    pub fn fixed<L: FixedLabels>(&self) -> Fixed<K, L> {
        Fixed {
            family: self.clone(),
            // One more than there are, for numbers that are not below the count.
            handles: (0..=L::COUNT).map(|_| OnceLock::new()).collect(),
            labels: PhantomData,
        }
    }
}

impl<K: Instrument, L: FixedLabels> Fixed<K, L> {
    /// The series of these labels.
    #[inline]
    #[expect(
        clippy::indexing_slicing,
        reason = "the index is at most the count, for which there is a place"
    )]
    pub fn of(&self, labels: L) -> &K {
        let handle = &self.handles[labels.index().min(L::COUNT)];
        match handle.get() {
            Some(handle) => handle,
            None => handle.get_or_init(|| self.family.with(&labels.labels())),
        }
    }
}

impl<K: Instrument, L> fmt::Debug for Fixed<K, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fixed")
            .field("family", &self.family)
            .finish_non_exhaustive()
    }
}
