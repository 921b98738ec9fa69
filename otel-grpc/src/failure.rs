//! What an error says of the status of a call.
//!
//! A call that gets no status still ends for a reason, and the reason is somewhere in a chain of
//! sources: a status that was made from it, a timer, a connection that could not be had, the code a
//! stream was reset with. Without looking, a panic of the server, its restart and a wrong port are
//! all alike. The type of the error is erased as [`Any`] and not as
//! [`Error`], because boxed errors are not errors themselves.

use std::any::{Any, type_name};
use std::error::Error;

use otel_core::exchange::Exchange;
use otel_core::outcome::GrpcCode;

/// An error at the end of a call, understood as far as it can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    code: Option<GrpcCode>,
    error_type: Option<&'static str>,
}

impl Failure {
    pub(crate) fn of<E: 'static>(error: &E) -> Self {
        as_error(error).and_then(in_chain).unwrap_or(Self {
            code: None,
            error_type: Some(type_name::<E>()),
        })
    }

    /// Tells the exchange that is about to end with it.
    pub(crate) fn tell(self, exchange: &mut Exchange) {
        if let Some(code) = self.code {
            exchange.grpc_status(code);
        }
        if let Some(error_type) = self.error_type {
            exchange.error_type(error_type);
        }
    }

    #[cfg(feature = "tonic")]
    const fn coded(code: GrpcCode) -> Self {
        Self {
            code: Some(code),
            error_type: None,
        }
    }

    const fn named(code: GrpcCode, error_type: &'static str) -> Self {
        Self {
            code: Some(code),
            error_type: Some(error_type),
        }
    }
}

/// The error behind one of the types layers and bodies are known to fail with.
fn as_error<E: 'static>(error: &E) -> Option<&(dyn Error + 'static)> {
    let error: &dyn Any = error;
    if let Some(boxed) = error.downcast_ref::<Box<dyn Error + Send + Sync>>() {
        return Some(&**boxed);
    }
    if let Some(boxed) = error.downcast_ref::<Box<dyn Error + Send>>() {
        return Some(&**boxed);
    }
    #[cfg(feature = "tonic")]
    {
        if let Some(error) = error.downcast_ref::<tonic::Status>() {
            return Some(error);
        }
        if let Some(error) = error.downcast_ref::<tonic::transport::Error>() {
            return Some(error);
        }
        if let Some(error) = error.downcast_ref::<hyper::Error>() {
            return Some(error);
        }
    }
    error
        .downcast_ref::<std::io::Error>()
        .map(|error| error as &(dyn Error + 'static))
}

/// The first link of the chain that says something.
fn in_chain(error: &(dyn Error + 'static)) -> Option<Failure> {
    let mut link = Some(error);
    while let Some(error) = link {
        if let Some(failure) = read(error) {
            return Some(failure);
        }
        link = error.source();
    }
    None
}

#[cfg(feature = "tonic")]
fn read(error: &(dyn Error + 'static)) -> Option<Failure> {
    if let Some(status) = error.downcast_ref::<tonic::Status>() {
        return Some(of_status(status));
    }
    if error.is::<tonic::TimeoutExpired>() {
        return Some(Failure::coded(GrpcCode::DeadlineExceeded));
    }
    if error.is::<tonic::ConnectError>() {
        return Some(Failure::named(GrpcCode::Unavailable, "connect"));
    }
    if let Some(reset) = error.downcast_ref::<h2::Error>() {
        return Some(of_reset(reset));
    }
    if let Some(error) = error.downcast_ref::<hyper::Error>() {
        // Ours gave up on the connection: its keep-alive was not answered.
        if error.is_timeout() {
            return Some(Failure::named(GrpcCode::Unavailable, "keep_alive"));
        }
        if error.is_canceled() {
            return Some(Failure::coded(GrpcCode::Cancelled));
        }
    }
    of_io(error)
}

#[cfg(not(feature = "tonic"))]
fn read(error: &(dyn Error + 'static)) -> Option<Failure> {
    of_io(error)
}

/// A status that tonic made of an error of the connection knows less than its source does.
#[cfg(feature = "tonic")]
fn of_status(status: &tonic::Status) -> Failure {
    let code = GrpcCode::ALL
        .into_iter()
        .find(|code| i32::from(code.number()) == i32::from(status.code()));
    let code = code.unwrap_or(GrpcCode::Unknown);
    match status.source().and_then(in_chain) {
        Some(deeper) if code == GrpcCode::Unknown || deeper.error_type.is_some() => deeper,
        _ if status
            .source()
            .is_some_and(|source| source.is::<tonic::TimeoutExpired>()) =>
        {
            Failure::coded(GrpcCode::DeadlineExceeded)
        }
        _ => Failure::coded(code),
    }
}

/// The codes of HTTP/2 as statuses, after the gRPC protocol over HTTP/2, "Errors".
#[cfg(feature = "tonic")]
fn of_reset(error: &h2::Error) -> Failure {
    use h2::Reason;

    let code = match error.reason() {
        Some(Reason::CANCEL) => GrpcCode::Cancelled,
        Some(Reason::REFUSED_STREAM) => GrpcCode::Unavailable,
        Some(Reason::ENHANCE_YOUR_CALM) => GrpcCode::ResourceExhausted,
        Some(Reason::INADEQUATE_SECURITY) => GrpcCode::PermissionDenied,
        Some(
            Reason::NO_ERROR
            | Reason::PROTOCOL_ERROR
            | Reason::INTERNAL_ERROR
            | Reason::FLOW_CONTROL_ERROR
            | Reason::SETTINGS_TIMEOUT
            | Reason::FRAME_SIZE_ERROR
            | Reason::COMPRESSION_ERROR
            | Reason::CONNECT_ERROR,
        ) => GrpcCode::Internal,
        None if error.is_io() => GrpcCode::Unavailable,
        _ => GrpcCode::Unknown,
    };
    Failure::coded(code)
}

/// The connection broke.
fn of_io(error: &(dyn Error + 'static)) -> Option<Failure> {
    error
        .is::<std::io::Error>()
        .then_some(Failure::named(GrpcCode::Unavailable, "transport"))
}

#[cfg(all(test, feature = "tonic"))]
mod tests {
    use super::*;

    type BoxError = Box<dyn Error + Send + Sync>;

    #[test]
    fn what_the_chain_says() {
        let boxed = |error: BoxError| error;
        let table: [(BoxError, Failure); 8] = [
            (
                boxed(Box::new(tonic::Status::data_loss("gone"))),
                Failure::coded(GrpcCode::DataLoss),
            ),
            (
                boxed(Box::new(tonic::TimeoutExpired(()))),
                Failure::coded(GrpcCode::DeadlineExceeded),
            ),
            (
                boxed(Box::new(tonic::ConnectError("refused".into()))),
                Failure::named(GrpcCode::Unavailable, "connect"),
            ),
            (
                boxed(Box::new(h2::Error::from(h2::Reason::CANCEL))),
                Failure::coded(GrpcCode::Cancelled),
            ),
            (
                boxed(Box::new(h2::Error::from(h2::Reason::REFUSED_STREAM))),
                Failure::coded(GrpcCode::Unavailable),
            ),
            (
                boxed(Box::new(h2::Error::from(h2::Reason::NO_ERROR))),
                Failure::coded(GrpcCode::Internal),
            ),
            (
                boxed(Box::new(h2::Error::from(h2::Reason::HTTP_1_1_REQUIRED))),
                Failure::coded(GrpcCode::Unknown),
            ),
            (
                boxed(Box::new(std::io::Error::other("broken"))),
                Failure::named(GrpcCode::Unavailable, "transport"),
            ),
        ];
        for (error, expected) in table {
            assert_eq!(Failure::of(&error), expected, "{error}");
        }
    }

    #[test]
    fn an_error_nothing_is_known_of_is_named_by_its_type() {
        #[derive(Debug)]
        struct Strange;
        let failure = Failure::of(&Strange);
        assert_eq!(failure.code, None);
        assert!(failure.error_type.unwrap().ends_with("Strange"));
    }
}
