//! The log line of an ended exchange.
//!
//! One `tracing` event at the end, with the verdict every other signal carries, so that logs can
//! be counted against metrics. `tracing` fixes the level of a callsite, hence three of them.

use tracing::Level;

use super::ExchangeEnd;
use super::handle::FactsText;
use crate::outcome::{Outcome, Side, Status};
use crate::semconv::{self, SemconvMode};

/// The target of these events.
const TARGET: &str = "exchange";

pub(super) fn write(end: &ExchangeEnd<'_>) {
    macro_rules! line {
        ($level:expr) => {{
            if tracing::enabled!(target: TARGET, $level) {
                let fields = Fields::of(end);
                tracing::event!(
                    target: TARGET,
                    $level,
                    "exchange.outcome" = end.outcome().as_str(),
                    "exchange.duration" = end.duration().as_secs_f64(),
                    "exchange.time_to_head" = end.time_to_head().map(|head| head.as_secs_f64()),
                    "http.request.method" = fields.method,
                    "http.route" = fields.route,
                    "http.response.status_code" = fields.http_status,
                    "rpc.method" = fields.rpc_method,
                    "rpc.response.status_code" = fields.grpc_status.filter(|_| !fields.is_next),
                    "rpc.status_code" = fields.grpc_status.filter(|_| fields.is_next),
                    "error.type" = end.error_type(),
                    "exchange.facts" = fields.facts.as_ref().map(tracing::field::display),
                    "{}",
                    end.name(),
                );
            }
        }};
    }
    match (end.outcome(), end.side()) {
        (outcome, _) if outcome.is_failure() => line!(Level::ERROR),
        (Outcome::Denied, _) => line!(Level::WARN),
        (_, Side::Server) => line!(Level::INFO),
        (_, Side::Client) => line!(Level::DEBUG),
    }
}

struct Fields<'a> {
    method: Option<&'static str>,
    route: Option<&'static str>,
    rpc_method: Option<&'static str>,
    http_status: Option<u16>,
    grpc_status: Option<&'static str>,
    is_next: bool,
    facts: Option<FactsText<'a>>,
}

impl<'a> Fields<'a> {
    fn of(end: &ExchangeEnd<'a>) -> Self {
        let label = |name| {
            let found = end.labels().iter().find(|(label, _)| *label == name);
            found
                .map(|(_, value)| *value)
                .filter(|value| !value.is_empty())
        };
        let (http_status, grpc_status) = match end.status() {
            Some(Status::Http(code)) => (Some(code), None),
            Some(Status::Grpc(code)) => (None, Some(code.as_str())),
            None => (None, None),
        };
        Self {
            method: label(semconv::HTTP_REQUEST_METHOD),
            route: label(semconv::HTTP_ROUTE),
            rpc_method: label(semconv::RPC_METHOD),
            http_status,
            grpc_status,
            is_next: end.start.semconv == SemconvMode::Next,
            facts: Some(end.facts())
                .filter(|facts| !facts.is_empty())
                .map(FactsText),
        }
    }
}
