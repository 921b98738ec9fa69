//! Contexts outside of HTTP headers: pairs of text or bytes, environment variables, messages.
//!
//! A broker, a child process or a file wants pairs, at a moment of its own choosing: so what is to
//! be carried is collected first and applied when the message is built. Reading takes any pairs,
//! keeps those that a format of the propagator reads, and stops at a [`Limit`].

use std::fmt;

use http::header::{HeaderMap, HeaderName, HeaderValue};

use super::extracted::Extracted;
use super::propagator::Propagator;

/// How much a carrier may hold.
///
/// ```
/// use otel_core::propagation::Limit;
///
/// // What a message of AWS SQS has room for.
/// let limit = Limit::new(10, 8 * 1024);
/// # let _ = limit;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    pairs: usize,
    bytes: usize,
}

impl Limit {
    /// At most so many pairs, and so many bytes of names and values together.
    #[must_use]
    pub const fn new(pairs: usize, bytes: usize) -> Self {
        Self { pairs, bytes }
    }
}

/// 64 pairs and 16 KiB: `baggage` and `tracestate` at their longest, and the rest.
impl Default for Limit {
    fn default() -> Self {
        Self::new(64, 16 * 1024)
    }
}

/// A context as pairs of names and values, collected to be applied to a message or read from one.
///
/// ```
/// use std::collections::BTreeMap;
/// use otel_core::propagation::{Carrier, Limit, Propagator};
///
/// let received = [
///     ("Traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
///     ("content-type", "application/avro"),
/// ];
/// let propagator = Propagator::w3c();
/// let carrier = Carrier::read(&propagator, received, Limit::default());
/// let extracted = carrier.extract(&propagator);
///
/// let mut message = BTreeMap::new();
/// let carrier = Carrier::write(&propagator, |headers| {
///     let parent = extracted.span_context().expect("one line, well formed");
///     propagator.inject(parent, extracted.tracestate(), headers);
/// });
/// carrier.within(Limit::new(4, 1024)).apply(|name, value| {
///     message.insert(name.to_owned(), value.to_vec());
/// });
/// assert_eq!(message.len(), 1);
/// ```
#[derive(Clone, Default)]
pub struct Carrier {
    headers: HeaderMap,
    is_cut: bool,
}

impl Carrier {
    /// Takes the pairs the propagator reads, whatever the case of their names. Pairs beyond the limit
    /// are left out, and so are values with control characters, which no format has.
    pub fn read<N: AsRef<str>, V: AsRef<[u8]>>(
        propagator: &Propagator,
        pairs: impl IntoIterator<Item = (N, V)>,
        limit: Limit,
    ) -> Self {
        let mut carrier = Self::default();
        let mut left = limit;
        for (name, value) in pairs {
            let (name, value) = (name.as_ref(), value.as_ref());
            // The longest name any format has, and some: a longer one need not be copied to be known.
            if name.len() > MAX_NAME {
                continue;
            }
            let name = name.to_ascii_lowercase();
            if !propagator.reads(&name) {
                continue;
            }
            let taken = (name.len() + value.len() <= left.bytes && left.pairs > 0)
                .then(|| {
                    HeaderName::try_from(&name)
                        .ok()
                        .zip(HeaderValue::from_bytes(value).ok())
                })
                .flatten();
            let Some((header, text)) = taken else {
                carrier.is_cut = true;
                continue;
            };
            left.pairs -= 1;
            left.bytes -= name.len() + value.len();
            carrier.is_cut |= carrier.headers.try_append(header, text).is_err();
        }
        carrier
    }

    /// Reads environment variables, named as OpenTelemetry names them for child processes:
    /// `TRACEPARENT`, `TRACESTATE`, `BAGGAGE`, and an underscore for each dash of other formats
    /// ([specification](https://opentelemetry.io/docs/specs/otel/context/env-carriers/)).
    ///
    /// ```no_run
    /// # use otel_core::propagation::{Carrier, Limit, Propagator};
    /// let propagator = Propagator::w3c();
    /// let carrier = Carrier::read_environment(&propagator, std::env::vars(), Limit::default());
    /// let parent = carrier.extract(&propagator);
    /// ```
    pub fn read_environment<N: AsRef<str>, V: AsRef<[u8]>>(
        propagator: &Propagator,
        variables: impl IntoIterator<Item = (N, V)>,
        limit: Limit,
    ) -> Self {
        let pairs = variables
            .into_iter()
            .filter(|(name, _)| name.as_ref().len() <= MAX_NAME)
            .map(|(name, value)| (name.as_ref().replace('_', "-"), value));
        Self::read(propagator, pairs, limit)
    }

    /// Collects what `inject` writes and the propagator knows.
    pub fn write(propagator: &Propagator, inject: impl FnOnce(&mut HeaderMap)) -> Self {
        let mut headers = HeaderMap::new();
        inject(&mut headers);
        // Nothing else, such as a request id, is a context.
        let foreign: Vec<_> = headers
            .keys()
            .filter(|name| !propagator.reads(name.as_str()))
            .cloned()
            .collect();
        for name in foreign {
            headers.remove(name);
        }
        Self {
            headers,
            is_cut: false,
        }
    }

    /// The context in it.
    #[must_use]
    pub fn extract(&self, propagator: &Propagator) -> Extracted {
        propagator.extract(&self.headers)
    }

    /// The same, within a limit: whole pairs are left out, baggage first, then `tracestate`, then
    /// whatever is last; what makes the trace go on is kept the longest.
    #[must_use]
    pub fn within(mut self, limit: Limit) -> Self {
        while self.headers.len() > limit.pairs || self.bytes() > limit.bytes {
            let victim = self
                .headers
                .keys()
                .max_by_key(|name| expendable(name.as_str()))
                .cloned();
            let Some(victim) = victim else { break };
            self.headers.remove(victim);
            self.is_cut = true;
        }
        self
    }

    /// Whether a pair was left out, for a limit or because it was malformed.
    #[must_use]
    pub const fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// The pairs; the names are in lower case.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_bytes()))
    }

    /// Hands every pair to the message that is being built.
    pub fn apply(&self, mut set: impl FnMut(&str, &[u8])) {
        self.pairs().for_each(|(name, value)| set(name, value));
    }

    /// The pairs as environment variables, for the `envs` of a [`Command`](std::process::Command).
    ///
    /// A child that inherits the environment of its parent inherits a context of the parent's own
    /// start too: remove what this does not set.
    pub fn to_environment(&self) -> impl Iterator<Item = (String, String)> {
        self.pairs().map(|(name, value)| {
            let name = name.to_ascii_uppercase().replace('-', "_");
            (name, String::from_utf8_lossy(value).into_owned())
        })
    }

    fn bytes(&self) -> usize {
        self.pairs()
            .map(|(name, value)| name.len() + value.len())
            .sum()
    }
}

/// Names only: values may be personal.
impl fmt::Debug for Carrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.headers.keys()).finish()
    }
}

const MAX_NAME: usize = 128;

/// What goes first when there is no room.
fn expendable(name: &str) -> u8 {
    match name {
        "traceparent" => 0,
        "tracestate" => 2,
        "baggage" => 4,
        _ if name.starts_with("uberctx-") || name.starts_with("ot-baggage-") => 3,
        _ => 1,
    }
}
