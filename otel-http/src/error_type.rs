//! `error.type` of an error that came instead of a response.
//!
//! A message may be of any length and hold anything, so an error is named by what it is: a word of
//! the table below for the kinds that are known, its type for another, and `_OTHER` for one whose
//! type is hidden in a box.

use std::any::{Any, type_name};
use std::error::Error;
use std::io;

use otel_core::semconv;

type Known = &'static str;
type BoxError = Box<dyn Error + Send + Sync>;

/// A limit outside or inside has passed: the outcome is `timeout`.
const TIMEOUT: Known = "timeout";
/// Refused for load before it was tried: the outcome is `shed`.
const OVERLOADED: Known = "overloaded";
/// Causes that are looked at, in an error and below it.
const MAX_CAUSES: usize = 16;

/// The name of an error.
pub(crate) fn error_type<E: 'static>(error: &E) -> Known {
    let any: &dyn Any = error;
    let boxed = any
        .downcast_ref::<BoxError>()
        .map(|error| &**error as &(dyn Error + 'static))
        .or_else(|| Some(&**any.downcast_ref::<Box<dyn Error>>()?));
    let is_boxed = boxed.is_some();
    let unboxed = if is_boxed { "" } else { type_name::<E>() };
    let known = boxed.or_else(|| concrete(any)).and_then(name_of);
    known.unwrap_or(if is_boxed { semconv::OTHER } else { unboxed })
}

/// An error of a type whose causes can be asked for.
fn concrete(any: &dyn Any) -> Option<&(dyn Error + 'static)> {
    let io: Option<&(dyn Error + 'static)> =
        any.downcast_ref::<io::Error>().map(|error| error as _);
    #[cfg(feature = "hyper")]
    let io = io.or_else(|| any.downcast_ref::<hyper::Error>().map(|error| error as _));
    io
}

/// The most telling name in an error and its causes: a refusal or a timeout wherever it is, else
/// that of the deepest cause that has one.
fn name_of(error: &(dyn Error + 'static)) -> Option<Known> {
    let mut found = None;
    let mut next = Some(error);
    for _ in 0..MAX_CAUSES {
        let Some(error) = next else { break };
        match own_name(error) {
            Some(name) if name == TIMEOUT || name == OVERLOADED => return Some(name),
            Some(name) => found = Some(name),
            None => {}
        }
        next = error.source();
    }
    found
}

fn own_name(error: &(dyn Error + 'static)) -> Option<Known> {
    if let Some(error) = error.downcast_ref::<io::Error>() {
        return io_name(error);
    }
    #[cfg(feature = "tower")]
    if error.is::<tower::timeout::error::Elapsed>() {
        return Some(TIMEOUT);
    }
    #[cfg(feature = "tower")]
    if error.is::<tower::load_shed::error::Overloaded>() {
        return Some(OVERLOADED);
    }
    #[cfg(feature = "hyper")]
    if let Some(error) = error.downcast_ref::<hyper::Error>() {
        return hyper_name(error);
    }
    None
}

fn io_name(error: &io::Error) -> Option<Known> {
    use io::ErrorKind as Kind;
    match error.kind() {
        Kind::TimedOut => Some(TIMEOUT),
        Kind::AddrNotAvailable => Some("address_not_available"),
        Kind::BrokenPipe => Some("broken_pipe"),
        Kind::ConnectionAborted => Some("connection_aborted"),
        Kind::ConnectionRefused => Some("connection_refused"),
        Kind::ConnectionReset => Some("connection_reset"),
        Kind::HostUnreachable => Some("host_unreachable"),
        Kind::NetworkUnreachable => Some("network_unreachable"),
        Kind::NotConnected => Some("not_connected"),
        Kind::PermissionDenied => Some("permission_denied"),
        Kind::UnexpectedEof => Some("unexpected_eof"),
        _ => None,
    }
}

#[cfg(feature = "hyper")]
fn hyper_name(error: &hyper::Error) -> Option<Known> {
    let table: [(fn(&hyper::Error) -> bool, Known); 6] = [
        (hyper::Error::is_timeout, TIMEOUT),
        (hyper::Error::is_canceled, "canceled"),
        (hyper::Error::is_closed, "connection_closed"),
        (hyper::Error::is_incomplete_message, "incomplete_message"),
        (hyper::Error::is_parse, "invalid_message"),
        (hyper::Error::is_body_write_aborted, "body_write_aborted"),
    ];
    let found = table.iter().find(|(is, _)| is(error));
    found.map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use std::fmt;

    use super::*;

    #[derive(Debug)]
    struct Outer(Option<BoxError>);

    impl fmt::Display for Outer {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a secret")
        }
    }

    impl Error for Outer {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            self.0
                .as_ref()
                .map(|cause| &**cause as &(dyn Error + 'static))
        }
    }

    #[test]
    fn errors_have_closed_names() {
        let refused = || io::Error::from(io::ErrorKind::ConnectionRefused);
        assert_eq!(error_type(&refused()), "connection_refused");
        assert_eq!(error_type(&io::Error::other("x")), "std::io::error::Error");
        assert_eq!(error_type(&"text"), "&str");
        assert_eq!(error_type(&Outer(None)), type_name::<Outer>());
        for (boxed, expected) in [
            (Box::new(refused()) as BoxError, "connection_refused"),
            (
                Box::new(Outer(Some(Box::new(refused())))),
                "connection_refused",
            ),
            (
                Box::new(Outer(Some(io::Error::from(io::ErrorKind::TimedOut).into()))),
                "timeout",
            ),
            (Box::new(Outer(None)), "_OTHER"),
            ("a text of no type".into(), "_OTHER"),
        ] {
            assert_eq!(error_type(&boxed), expected);
        }
    }

    #[cfg(feature = "tower")]
    #[test]
    fn towers_own_errors_are_known() {
        let elapsed = tower::timeout::error::Elapsed::new();
        assert_eq!(error_type(&(Box::new(elapsed) as BoxError)), "timeout");
        let shed = tower::load_shed::error::Overloaded::new();
        let wrapped: BoxError = Box::new(Outer(Some(Box::new(shed))));
        assert_eq!(error_type(&wrapped), "overloaded");
    }
}
