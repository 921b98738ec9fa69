//! Who sends a request, as far as it is known before anything is started.
//!
//! What may be believed of a context depends on who brings it, and whoever decides that must not
//! depend on a server library: so it is handed the parts every layer has.

use http::{Extensions, HeaderMap};

/// The parts of a request that say who sends it. Borrowed: describing a request costs nothing.
#[derive(Clone, Copy, Debug)]
pub struct Caller<'a> {
    headers: &'a HeaderMap,
    extensions: Option<&'a Extensions>,
    path: &'a str,
    connection: &'a [u8],
}

impl<'a> Caller<'a> {
    /// A caller known by the headers it sends.
    #[must_use]
    pub const fn new(headers: &'a HeaderMap) -> Self {
        Self {
            headers,
            extensions: None,
            path: "",
            connection: &[],
        }
    }

    /// The extensions of the request, where a listener leaves the facts of the connection.
    #[must_use]
    pub const fn with_extensions(mut self, extensions: &'a Extensions) -> Self {
        self.extensions = Some(extensions);
        self
    }

    /// The path of the request target.
    #[must_use]
    pub const fn with_path(mut self, path: &'a str) -> Self {
        self.path = path;
        self
    }

    /// Anything that tells the connection from others of this process, such as the peer's address.
    #[must_use]
    pub const fn with_connection(mut self, connection: &'a [u8]) -> Self {
        self.connection = connection;
        self
    }

    /// The headers as they came.
    #[must_use]
    pub const fn headers(&self) -> &'a HeaderMap {
        self.headers
    }

    /// A fact a listener or an outer layer left with the request.
    #[must_use]
    pub fn extension<T: Clone + Send + Sync + 'static>(&self) -> Option<&'a T> {
        self.extensions?.get()
    }

    /// The path of the request target; empty if the layer knows none.
    #[must_use]
    pub const fn path(&self) -> &'a str {
        self.path
    }

    /// What tells the connection from others; empty if the layer knows nothing of it.
    #[must_use]
    pub const fn connection(&self) -> &'a [u8] {
        self.connection
    }
}
