//! The template a URL was made from.

/// A request extension that tells the template of its path, such as `/orders/{id}`.
///
/// Only the code that builds a URL knows it. It is `url.template`, a label, and a part of the span
/// name, so it is static text: never the path itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UrlTemplate(&'static str);

impl UrlTemplate {
    /// The URL was made from this template.
    #[must_use]
    pub const fn new(template: &'static str) -> Self {
        Self(template)
    }

    /// The template.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}
