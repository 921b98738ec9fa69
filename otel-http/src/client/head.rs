//! What the head of a response means to a client.

use std::sync::Arc;

use http::{Response, StatusCode};
use http_body::Body;
use otel_core::exchange::{Exchange, ExchangeBody, OnHead};
use otel_core::outcome::Ending;

use super::builder::Config;
use crate::error_type::error_type;
use crate::operation::Kind;

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

/// How a client's exchange goes on at the head of its response.
#[derive(Debug)]
pub struct ClientHead {
    kind: Kind,
    config: Arc<Config>,
}

impl ClientHead {
    pub(super) const fn new(kind: Kind, config: Arc<Config>) -> Self {
        Self { kind, config }
    }
}

impl OnHead for ClientHead {
    fn respond<B: Body>(
        self,
        mut exchange: Exchange,
        response: Response<B>,
    ) -> Response<ExchangeBody<B>> {
        // The version that was negotiated, which the request could not know.
        exchange.revise(self.kind.with_version(response.version()).variant());
        exchange.head(response.status().as_u16());
        exchange.add_attributes(|| self.config.response_headers.of(response.headers()));
        if response.status() == StatusCode::SWITCHING_PROTOCOLS {
            exchange.end(Ending::Upgraded);
        }
        match self.config.end {
            ClientEnd::Head => {
                exchange.end(Ending::Complete);
                response.map(ExchangeBody::untracked)
            }
            ClientEnd::Body => response.map(|body| ExchangeBody::new(body, exchange, None)),
        }
    }

    fn fail<E: 'static>(self, exchange: &mut Exchange, error: &E) {
        exchange.error_type(error_type(error));
    }
}
