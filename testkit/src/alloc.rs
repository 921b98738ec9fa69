//! An allocator that counts, so that "allocates nothing" and "stays within its budget" are tests.
//!
//! Counts are kept for each thread, because the test harness and helper threads allocate at their
//! own pace; the bytes alive are kept for the process, because memory moves between threads.
//! Counting never allocates and never touches a thread-local that has a destructor, so it is sound
//! at any point in the life of a thread.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What one thread allocated while a piece of code ran.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Allocations {
    count: u64,
    bytes: u64,
}

impl Allocations {
    /// Calls that asked for memory: allocations and reallocations.
    #[must_use]
    pub const fn count(self) -> u64 {
        self.count
    }

    /// Bytes asked for, whether given back since or not.
    #[must_use]
    pub const fn bytes(self) -> u64 {
        self.bytes
    }

    const fn since(self, before: Self) -> Self {
        Self {
            count: self.count.wrapping_sub(before.count),
            bytes: self.bytes.wrapping_sub(before.bytes),
        }
    }
}

thread_local! {
    static ALLOCATIONS: Cell<Allocations> = const { Cell::new(Allocations { count: 0, bytes: 0 }) };
}

/// The system allocator with counters.
///
/// ```
/// use testkit::alloc::CountingAllocator;
///
/// #[global_allocator]
/// static ALLOCATOR: CountingAllocator = CountingAllocator::new();
///
/// let (text, made) = ALLOCATOR.allocations_of(|| String::from("on the heap"));
/// assert_eq!((made.count(), made.bytes()), (1, 11));
/// assert!(ALLOCATOR.live_bytes() >= text.len());
/// ```
#[derive(Debug)]
pub struct CountingAllocator {
    live: AtomicUsize,
}

impl CountingAllocator {
    /// For a `#[global_allocator]` static.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            live: AtomicUsize::new(0),
        }
    }

    /// Runs `code` and says what this thread allocated meanwhile.
    ///
    /// Counts are of the process's global allocator: zero everywhere unless `self` is it.
    pub fn allocations_of<R>(&self, code: impl FnOnce() -> R) -> (R, Allocations) {
        let before = ALLOCATIONS.get();
        let result = code();
        (result, ALLOCATIONS.get().since(before))
    }

    /// Bytes allocated and not yet given back, by all threads.
    #[must_use]
    pub fn live_bytes(&self) -> usize {
        self.live.load(Ordering::Relaxed)
    }

    fn grew(&self, bytes: usize) {
        self.live.fetch_add(bytes, Ordering::Relaxed);
        // Never fails: the cell is const-initialised and has no destructor. If it did, a missing
        // count is better than a panic inside the allocator.
        let _ = ALLOCATIONS.try_with(|made| {
            let Allocations { count, bytes: sum } = made.get();
            made.set(Allocations {
                count: count.wrapping_add(1),
                bytes: sum.wrapping_add(bytes as u64),
            });
        });
    }

    fn shrank(&self, bytes: usize) {
        self.live.fetch_sub(bytes, Ordering::Relaxed);
    }
}

impl Default for CountingAllocator {
    fn default() -> Self {
        Self::new()
    }
}

// SAFETY: every method passes its arguments on to `System` unchanged and returns what it returned,
// so the contract of `GlobalAlloc` is kept by `System`. The counting before and after does not
// allocate, unwind or touch the memory.
unsafe impl GlobalAlloc for CountingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the contract of `alloc`: `layout` has a size above zero.
        let memory = unsafe { System.alloc(layout) };
        if !memory.is_null() {
            self.grew(layout.size());
        }
        memory
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as for `alloc`.
        let memory = unsafe { System.alloc_zeroed(layout) };
        if !memory.is_null() {
            self.grew(layout.size());
        }
        memory
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        self.shrank(layout.size());
        // SAFETY: the caller got `memory` from this allocator, that is from `System`, with the
        // same `layout`.
        unsafe { System.dealloc(memory, layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: as for `dealloc`; the caller also keeps `new_size` above zero and within
        // `isize::MAX` when rounded up to the alignment.
        let moved = unsafe { System.realloc(memory, layout, new_size) };
        if !moved.is_null() {
            self.shrank(layout.size());
            self.grew(new_size);
        }
        moved
    }
}
