//! A request that a layer has already.
//!
//! A client layer put on twice would count every call twice. A server finds the outer exchange in
//! its context; a client cannot, as a call made on behalf of another (for a token, say) stands in the
//! same place. So the request itself is marked.

use http::Extensions;

/// The mark of a client's request, kept in its extensions.
#[derive(Clone, Copy, Debug)]
pub struct Covered(());

impl Covered {
    /// Marks a request; says whether it was not marked yet.
    ///
    /// ```
    /// use otel_core::exchange::Covered;
    ///
    /// let mut extensions = http::Extensions::new();
    /// assert!(Covered::cover(&mut extensions));
    /// assert!(!Covered::cover(&mut extensions));
    /// ```
    pub fn cover(extensions: &mut Extensions) -> bool {
        extensions.insert(Self(())).is_none()
    }
}
