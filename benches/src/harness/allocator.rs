//! The counting allocator of the test kit, which counts only while it is asked to.
//!
//! Its counters are atomics shared by the process. Left on, they would charge the rows that
//! allocate much for being counted.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, Ordering};

use testkit::alloc::{Allocations, CountingAllocator};

static COUNTING: AtomicBool = AtomicBool::new(false);
static COUNTER: CountingAllocator = CountingAllocator::new();

/// The system's allocator, or the counting one around it.
pub(crate) struct CountsOnDemand;

/// What this thread allocates while `code` runs.
pub(super) fn allocations_of(code: impl FnOnce()) -> Allocations {
    COUNTING.store(true, Ordering::SeqCst);
    let ((), made) = COUNTER.allocations_of(code);
    COUNTING.store(false, Ordering::SeqCst);
    made
}

fn is_counting() -> bool {
    COUNTING.load(Ordering::Relaxed)
}

// SAFETY: both branches of each method end in the same method of `System` with the same arguments,
// so memory may come from one branch and go back through the other.
unsafe impl GlobalAlloc for CountsOnDemand {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe {
            match is_counting() {
                true => COUNTER.alloc(layout),
                false => System.alloc(layout),
            }
        }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the contract of `alloc_zeroed`.
        unsafe {
            match is_counting() {
                true => COUNTER.alloc_zeroed(layout),
                false => System.alloc_zeroed(layout),
            }
        }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the contract of `dealloc`; all memory is that of `System`.
        unsafe { System.dealloc(memory, layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: the caller keeps the contract of `realloc`; all memory is that of `System`.
        unsafe {
            match is_counting() {
                true => COUNTER.realloc(memory, layout, new_size),
                false => System.realloc(memory, layout, new_size),
            }
        }
    }
}
