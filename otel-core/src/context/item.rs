//! An item of a channel or a queue with the context of whoever sent it.

use std::fmt;

use opentelemetry::Context;

use super::carried::Carried;
use super::lifecycle::Tracked;
use super::place::Place;

/// A value that brings its context to whoever receives it. Made by
/// [`carry_item`](super::Carry::carry_item).
///
/// ```
/// use std::sync::mpsc;
/// use otel_core::context::Carry;
///
/// let (send, receive) = mpsc::channel();
/// send.send("an order".carry_item())?;
/// assert_eq!(receive.recv()?.run(str::len), 8);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "the context of an item is used where the item is taken out"]
pub struct CarriedItem<T> {
    value: T,
    place: Place,
    tracked: Option<Box<Tracked>>,
}

impl<T> CarriedItem<T> {
    pub(super) const fn new(value: T, place: Place, tracked: Option<Box<Tracked>>) -> Self {
        Self {
            value,
            place,
            tracked,
        }
    }

    /// The value, still carried.
    pub const fn get_ref(&self) -> &T {
        &self.value
    }

    /// The context it was sent in.
    #[must_use]
    pub const fn context(&self) -> &Context {
        self.place.context()
    }

    /// Works on the value inside its context.
    pub fn run<R>(self, work: impl FnOnce(T) -> R) -> R {
        let _entered = self.place.enter();
        work(self.value)
    }

    /// Works on the value in a future that is carried in the same context.
    ///
    /// The sender's exchange may have ended meanwhile. Work that is to have a span of its own
    /// [detaches](super::Carry::carry_detached) inside of `work`.
    pub fn follow<F: Future>(self, work: impl FnOnce(T) -> F) -> Carried<F> {
        let future = {
            let _entered = self.place.enter();
            work(self.value)
        };
        Carried::new(future, self.place, self.tracked)
    }

    /// Calls the value inside its context, which stays for further calls.
    pub(super) fn call<A, R>(&self, argument: A) -> R
    where
        T: Fn(A) -> R,
    {
        let _entered = self.place.enter();
        (self.value)(argument)
    }

    /// The value without its context, and the context.
    pub fn into_parts(self) -> (T, Context) {
        (self.value, self.place.context().clone())
    }
}

/// Says nothing of the value: it may be large, or personal.
impl<T> fmt::Debug for CarriedItem<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CarriedItem")
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}
