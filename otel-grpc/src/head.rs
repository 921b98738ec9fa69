//! What the head of a response means to a call.

use http::{HeaderMap, Response};
use http_body::Body;
use otel_core::exchange::{Exchange, ExchangeBody, OnHead};
use otel_core::outcome::{Ending, GrpcCode};

/// How an exchange goes on at the head of a response.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct GrpcHead;

impl OnHead for GrpcHead {
    fn respond<B: Body>(
        self,
        mut exchange: Exchange,
        response: Response<B>,
    ) -> Response<ExchangeBody<B>> {
        let headers = response.headers();
        if proves_method(headers) {
            exchange.prove();
        }
        exchange.head(response.status().as_u16());
        if let Some(status) = headers.get("grpc-status") {
            // The head is the trailers, and the body is dropped unread.
            exchange.grpc_status(GrpcCode::parse(status.as_bytes()));
            exchange.end(Ending::Trailers);
        }
        response.map(|body| ExchangeBody::new(body, exchange, None))
    }

    fn fail<E>(self, exchange: &mut Exchange, _error: &E) {
        // The call was never answered, which is what UNAVAILABLE says.
        exchange.grpc_status(GrpcCode::Unavailable);
        exchange.error_type(std::any::type_name::<E>());
    }
}

/// Whether a response could only come from a method the server has.
///
/// Generated servers and routers answer what they do not have with one shape: a head with the
/// status UNIMPLEMENTED and no message. A method that exists and is not implemented has a message.
fn proves_method(headers: &HeaderMap) -> bool {
    let unimplemented = headers
        .get("grpc-status")
        .is_some_and(|status| GrpcCode::parse(status.as_bytes()) == GrpcCode::Unimplemented);
    !unimplemented || headers.contains_key("grpc-message")
}
