//! What the head of a response means to a client.

use http::{Response, StatusCode};
use http_body::Body;
use otel_core::exchange::{Exchange, ExchangeBody, OnHead};
use otel_core::outcome::Ending;

/// When the exchange of a client ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a response has a head and a body")]
pub enum ClientEnd {
    /// When the head has been read, as the HTTP conventions recommend.
    #[default]
    Head,
    /// When the body has been read or dropped.
    Body,
}

impl OnHead for ClientEnd {
    fn respond<B: Body>(
        self,
        mut exchange: Exchange,
        response: Response<B>,
    ) -> Response<ExchangeBody<B>> {
        exchange.head(response.status().as_u16());
        if response.status() == StatusCode::SWITCHING_PROTOCOLS {
            exchange.end(Ending::Upgraded);
        }
        match self {
            Self::Head => {
                exchange.end(Ending::Complete);
                response.map(ExchangeBody::untracked)
            }
            Self::Body => response.map(|body| ExchangeBody::new(body, exchange, None)),
        }
    }
}
