//! Kinds of HTTP requests: method, scheme and version packed, and the route.

use http::{Method, Version};
use otel_core::exchange::OperationParts;
use otel_core::{intern, semconv};

use crate::attributes::{Methods, Scheme, version};

/// What is known of a request from closed sets.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind {
    method: Option<usize>,
    scheme: Scheme,
    version: Version,
}

impl Kind {
    pub(crate) fn new(
        methods: &Methods,
        method: &Method,
        scheme: Scheme,
        version: Version,
    ) -> Self {
        Self {
            method: methods.index(method),
            scheme,
            version,
        }
    }

    pub(crate) const fn is_known_method(self) -> bool {
        self.method.is_some()
    }

    pub(crate) const fn scheme(self) -> Scheme {
        self.scheme
    }

    /// The kind as the variant of an operation.
    pub(crate) fn variant(self) -> u64 {
        let version = VERSIONS.iter().position(|known| *known == self.version);
        self.numbered(version.unwrap_or(VERSIONS.len()))
    }

    /// The same while the version is not known: a client learns it from the response.
    pub(crate) fn variant_without_version(self) -> u64 {
        self.numbered(VERSIONS.len())
    }

    /// The same kind over another version.
    pub(crate) const fn with_version(self, version: Version) -> Self {
        Self { version, ..self }
    }

    fn numbered(self, version: usize) -> u64 {
        let method = self.method.map_or(0xff, |index| index as u64);
        method | (version as u64) << 8 | (self.scheme as u64) << 16
    }
}

/// The versions a variant can hold, in the order of its numbers.
const VERSIONS: [Version; 5] = [
    Version::HTTP_09,
    Version::HTTP_10,
    Version::HTTP_11,
    Version::HTTP_2,
    Version::HTTP_3,
];

/// Describes the operation of a variant and a route (`""`: none).
///
/// The span is named `{method} {route}`, or `{method}` without a route; an unknown method is
/// `HTTP` in the name and `_OTHER` in the label, as the HTTP conventions require.
pub(crate) fn describe(methods: &Methods, variant: u64, route: &'static str) -> OperationParts {
    let method = usize::try_from(variant & 0xff)
        .ok()
        .and_then(|index| methods.get(index));
    let protocol = usize::try_from(variant >> 8 & 0xff)
        .ok()
        .and_then(|index| VERSIONS.get(index).copied())
        .map_or("", version);
    let scheme = match variant >> 16 {
        0 => Scheme::Http,
        _ => Scheme::Https,
    };
    let verb = method.unwrap_or("HTTP");
    let name = match route {
        "" => verb,
        route => intern(&format!("{verb} {route}")).unwrap_or(verb),
    };
    let mut parts = OperationParts::new(name)
        .with_active_label(
            semconv::HTTP_REQUEST_METHOD,
            method.unwrap_or(semconv::OTHER),
        )
        .with_active_label(semconv::URL_SCHEME, scheme.as_str());
    if !protocol.is_empty() {
        parts = parts.with_label(semconv::NETWORK_PROTOCOL_VERSION, protocol);
    }
    if !route.is_empty() {
        parts = parts.with_label(semconv::HTTP_ROUTE, route);
    }
    parts
}
