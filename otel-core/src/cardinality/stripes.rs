//! A count that many threads add to.
//!
//! An attack folds on every core at once; a count they all share would then cost more than the
//! rest of the write. Each thread therefore adds on a cache line that it shares with few others. The
//! lines are allocated with the first addition, because most counts stay at zero.

use std::cell::Cell;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

#[derive(Debug, Default)]
pub(crate) struct Stripes(OnceLock<Box<[Stripe; LINES]>>);

#[derive(Debug, Default)]
#[repr(align(64))]
struct Stripe(AtomicU64);

impl Stripes {
    /// On the heap, once there was an addition.
    pub(crate) const BYTES: usize = size_of::<[Stripe; LINES]>();

    #[inline]
    pub(crate) fn add(&self, n: u64) {
        let lines = self.0.get_or_init(Box::default);
        if let Some(line) = lines.get(line_of_thread()) {
            line.0.fetch_add(n, Ordering::Relaxed);
        }
    }

    pub(crate) fn get(&self) -> u64 {
        let lines = self.0.get().into_iter().flat_map(|lines| lines.iter());
        lines.map(|line| line.0.load(Ordering::Relaxed)).sum()
    }
}

/// The same line for all counts, so that a thread keeps its lines in its cache.
#[inline]
fn line_of_thread() -> usize {
    thread_local! {
        static LINE: Cell<usize> = const { Cell::new(usize::MAX) };
    }
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    // A thread that is going down has no local any more; it may use the first line.
    LINE.try_with(|line| {
        if line.get() == usize::MAX {
            line.set(NEXT.fetch_add(1, Ordering::Relaxed) % LINES);
        }
        line.get()
    })
    .unwrap_or_default()
}

const LINES: usize = 4;
