//! What gRPC adds to the end of an exchange.

use std::fmt;
use std::sync::Arc;

use otel_core::exchange::{AtEnd, ExchangeEnd};
use otel_core::opentelemetry::KeyValue;
use otel_core::outcome::{Facts, GrpcCode, Judgement, Side, Status};
use otel_core::registry::{Counter, Family};
use otel_core::semconv::{self, SemconvMode};
use otel_core::telemetry::Telemetry;

use crate::attempts::Attempts;
use crate::call::CallState;
use crate::legacy::{LegacyDuration, service_and_method};
use crate::native::{Native, NativeCalls};
use crate::operation::NAMELESS;

/// Which statuses are errors, in the eyes of an application.
#[derive(Clone)]
pub(crate) struct ErrorRule(pub(crate) Arc<dyn Fn(GrpcCode) -> bool + Send + Sync>);

impl fmt::Debug for ErrorRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ErrorRule")
    }
}

/// The ends of the exchanges of one layer.
#[derive(Debug)]
pub(crate) struct Ends {
    pub(crate) telemetry: Telemetry,
    pub(crate) semconv: SemconvMode,
    pub(crate) errors: Option<ErrorRule>,
    pub(crate) legacy: Option<LegacyDuration>,
    pub(crate) native: Option<Arc<Native>>,
    pub(crate) native_calls: Option<NativeCalls>,
    pub(crate) messages: Option<Family<Counter>>,
}

impl Ends {
    /// The counter of messages of one side.
    pub(crate) fn message_counter(telemetry: &Telemetry, side: Side) -> Family<Counter> {
        let name = match side {
            Side::Server => semconv::RPC_SERVER_MESSAGES,
            Side::Client => semconv::RPC_CLIENT_MESSAGES,
        };
        let descriptor = otel_core::registry::Descriptor::new(name)
            .with_help("Messages of gRPC calls that ended, by direction.");
        telemetry.registry().counter(descriptor)
    }
}

impl AtEnd for Ends {
    fn judge(&self, judgement: Judgement, _facts: &Facts) -> Judgement {
        let (Some(ErrorRule(is_error)), Some(Status::Grpc(code))) =
            (&self.errors, judgement.status)
        else {
            return judgement;
        };
        let span_error = is_error(code);
        Judgement {
            span_error,
            error_type: span_error.then(|| judgement.error_type.unwrap_or(code.as_str())),
            ..judgement
        }
    }

    fn end(&self, end: &ExchangeEnd<'_>, is_recorded: bool, attributes: &mut Vec<KeyValue>) {
        let call: Option<&CallState> = end.detail();
        let attempts: Option<&Attempts> = end.detail();
        if let Some(attempt) = call.and_then(CallState::attempt) {
            attempt.end(self.telemetry.clock().now());
        }
        if let Some(legacy) = &self.legacy {
            legacy.record(end);
        }
        if let Some(native) = &self.native {
            native.end(end, call);
        }
        if let (Some(native), Some(attempts)) = (&self.native_calls, attempts) {
            native.end(end, attempts);
        }
        if let (Some(messages), Some(call)) = (&self.messages, call) {
            count(messages, end, call);
        }
        if is_recorded {
            self.add(end, call, attempts, attributes);
        }
    }
}

impl Ends {
    fn add(
        &self,
        end: &ExchangeEnd<'_>,
        call: Option<&CallState>,
        attempts: Option<&Attempts>,
        attributes: &mut Vec<KeyValue>,
    ) {
        if self.semconv == SemconvMode::Duplicate {
            attributes.push(KeyValue::new(semconv::RPC_SYSTEM, "grpc"));
            let (service, _) = service_and_method(end.name());
            if !service.is_empty() {
                attributes.push(KeyValue::new(semconv::RPC_SERVICE, service));
            }
        }
        if let Some(overrun) = end.overrun()
            && end.status() == Some(Status::Grpc(GrpcCode::Ok))
        {
            attributes.push(KeyValue::new(
                semconv::GRPC_DEADLINE_OVERRUN,
                overrun.as_secs_f64(),
            ));
        }
        if let Some((sent, received)) = call.and_then(CallState::traffic) {
            for (name, count) in [
                (semconv::GRPC_SENT_MESSAGE_COUNT, sent.messages()),
                (semconv::GRPC_SENT_COMPRESSED_SIZE, sent.bytes()),
                (semconv::GRPC_RECEIVED_MESSAGE_COUNT, received.messages()),
                (semconv::GRPC_RECEIVED_COMPRESSED_SIZE, received.bytes()),
            ] {
                attributes.push(KeyValue::new(
                    name,
                    i64::try_from(count).unwrap_or(i64::MAX),
                ));
            }
        }
        if let Some(denials) = call.map(CallState::denials).filter(|denials| *denials > 0) {
            attributes.push(KeyValue::new(semconv::EXCHANGE_DENIALS, i64::from(denials)));
        }
        if let Some(attempts) = attempts {
            let started = i64::from(attempts.started());
            attributes.push(KeyValue::new(semconv::GRPC_ATTEMPT_COUNT, started));
        }
    }
}

fn count(messages: &Family<Counter>, end: &ExchangeEnd<'_>, call: &CallState) {
    let Some((sent, received)) = call.traffic() else {
        return;
    };
    let method = match end.name() {
        NAMELESS => semconv::OTHER,
        method => method,
    };
    for (direction, traffic) in [("sent", sent), ("received", received)] {
        let labels = [
            (semconv::RPC_METHOD, method),
            (semconv::RPC_MESSAGE_DIRECTION, direction),
        ];
        messages.add(&labels, traffic.messages());
    }
}
