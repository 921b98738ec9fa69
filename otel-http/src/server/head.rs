//! What the head of a response says about its end.

use std::sync::Arc;

use http::header::CONTENT_LENGTH;
use http::{Method, Request, Response, StatusCode, Version};
use http_body::Body;
use otel_core::exchange::{Declared, Exchange, ExchangeBody, OnHead};
use otel_core::outcome::Ending;

use super::settings::ResponseSettings;
use crate::error_type::error_type;

/// How a server's exchange goes on at the head of its response.
#[derive(Clone, Debug)]
pub struct ServerHead {
    asked: Asked,
    version: Version,
    settings: Option<Arc<ResponseSettings>>,
}

/// What of a request decides how its response ends.
#[derive(Clone, Copy, Debug)]
enum Asked {
    Head,
    Connect,
    Other,
}

impl ServerHead {
    pub(super) fn of<A>(request: &Request<A>, settings: Option<&Arc<ResponseSettings>>) -> Self {
        Self {
            settings: settings.map(Arc::clone),
            version: request.version(),
            asked: match *request.method() {
                Method::HEAD => Asked::Head,
                Method::CONNECT => Asked::Connect,
                _ => Asked::Other,
            },
        }
    }
}

impl OnHead for ServerHead {
    fn respond<B: Body>(
        self,
        mut exchange: Exchange,
        mut response: Response<B>,
    ) -> Response<ExchangeBody<B>> {
        let status = response.status();
        exchange.head(status.as_u16());
        if let Some(settings) = &self.settings {
            settings.apply(&mut exchange, response.headers_mut());
        }
        if is_upgrade(self.asked, status) {
            exchange.end(Ending::Upgraded);
        } else if is_bodiless(self.asked, status) {
            exchange.end(Ending::Complete);
        }
        let declared = declared_length(&response).map(|bytes| match self.version {
            // A frame tells the end there, and servers ask on until it comes.
            Version::HTTP_2 | Version::HTTP_3 => Declared::checked(bytes),
            _ => Declared::final_at(bytes),
        });
        response.map(|body| ExchangeBody::new(body, exchange, declared))
    }

    fn fail<E: 'static>(self, exchange: &mut Exchange, error: &E) {
        exchange.error_type(error_type(error));
    }
}

/// RFC 9110, 7.8 and 9.3.6: after a 101, or a 2xx to CONNECT, the connection is no longer HTTP.
fn is_upgrade(asked: Asked, status: StatusCode) -> bool {
    status == StatusCode::SWITCHING_PROTOCOLS
        || matches!(asked, Asked::Connect) && status.is_success()
}

/// RFC 9110, 6.4.1: these responses have no content, whatever their body value holds. Servers drop
/// such a body unread, which is not an early end.
fn is_bodiless(asked: Asked, status: StatusCode) -> bool {
    matches!(asked, Asked::Head)
        || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
}

/// The length a server announces.
fn declared_length<B: Body>(response: &Response<B>) -> Option<u64> {
    response
        .headers()
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse().ok())
        .or_else(|| response.body().size_hint().exact())
}
