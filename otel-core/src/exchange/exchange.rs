//! One request until its end.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use http::HeaderMap;
use opentelemetry::trace::{Status as SpanStatus, TraceContextExt};
use opentelemetry::{Context, KeyValue};

use super::handle::Told;
use super::nesting::{Inside, is_inside_bare_server};
use super::scope::PanicWatch;
use super::{
    Detail, ExchangeContext, ExchangeEnd, ExchangeHandle, ExchangeStart, Instrumentation, Measure,
    Opening, Operation, ParentKind, Signals, log_line,
};
use crate::contained::contained;
use crate::context::attach;
use crate::diagnostics::Fault;
use crate::journal::Ticket;
use crate::outcome::{Classify, Ending, Facts, GrpcCode, Judgement, Side, Status};
use crate::semconv::{self, SemconvMode};

/// One request from its arrival to its true end. Ends exactly once, at the latest when dropped.
#[derive(Debug)]
#[must_use = "an exchange that is dropped at once ends as a disconnect"]
pub struct Exchange {
    instrumentation: Arc<Instrumentation>,
    operation: Arc<Operation>,
    /// The operation it was counted in flight under, once a late route has replaced it.
    opened_as: Option<Arc<Operation>>,
    cx: Context,
    started: Instant,
    started_wall: SystemTime,
    deadline: Option<Instant>,
    time_to_head: Option<Duration>,
    http_status: Option<u16>,
    grpc_status: Option<GrpcCode>,
    error_type: Option<&'static str>,
    /// A name that is not proven, and the attribute it is written to if it never is.
    claimed: Option<(&'static str, Box<str>)>,
    ticket: Option<Ticket>,
    standing: Standing,
    /// What the layer keeps of it, and what its span says of an error.
    detail: Option<Arc<Detail>>,
    error_message: Option<Box<str>>,
    handle: Option<ExchangeHandle>,
    measure: Measure,
    sent: u64,
    ended: bool,
}

/// What was decided for an exchange at its start.
#[derive(Clone, Copy, Debug)]
pub(super) struct Standing {
    /// False where telemetry is suppressed, and inside an observer: nothing then comes of it.
    pub(super) live: bool,
    /// Whether the span in the context was started for this exchange, and so has to be ended.
    pub(super) recorded: bool,
    /// What is produced for it: no more than its layer produces.
    pub(super) signals: Signals,
    /// Where the parent of a request came from that came from outside.
    pub(super) parent: Option<ParentKind>,
}

impl Exchange {
    /// Begins an exchange; the clock runs from here. The caller's place in the code is remembered in
    /// the table of running exchanges.
    #[track_caller]
    pub fn open(instrumentation: &Arc<Instrumentation>, operation: Arc<Operation>) -> Opening<'_> {
        Opening::new(instrumentation, operation)
    }

    pub(super) const fn started(
        instrumentation: Arc<Instrumentation>,
        operation: Arc<Operation>,
        cx: Context,
        (started, started_wall): (Instant, SystemTime),
        deadline: Option<Instant>,
        ticket: Option<Ticket>,
        standing: Standing,
    ) -> Self {
        Self {
            instrumentation,
            operation,
            opened_as: None,
            cx,
            started,
            started_wall,
            deadline,
            time_to_head: None,
            http_status: None,
            grpc_status: None,
            error_type: None,
            claimed: None,
            ticket,
            standing,
            detail: None,
            error_message: None,
            handle: None,
            measure: Measure::Whole,
            sent: 0,
            ended: false,
        }
    }

    /// The context everything inside the exchange runs in.
    #[must_use]
    pub const fn context(&self) -> &Context {
        &self.cx
    }

    /// What it belongs to.
    #[must_use]
    pub const fn instrumentation(&self) -> &Arc<Instrumentation> {
        &self.instrumentation
    }

    /// Runs `inside` with the context current. A panic that leaves it ends the exchange.
    pub fn scope<R>(&mut self, inside: impl FnOnce() -> R) -> R {
        let watch = PanicWatch::new(self);
        let _inside = Inside::enter(watch.exchange.is_bare_server());
        let _current = watch.exchange.attach();
        inside()
    }

    /// Whether this thread is directly inside a server's exchange that makes no context: a server
    /// layer that finds itself there is the second one around the same request.
    #[must_use]
    pub fn is_nested_in_bare_server() -> bool {
        is_inside_bare_server()
    }

    /// A handle through which the code inside tells this exchange what it knows.
    pub fn handle(&mut self) -> ExchangeHandle {
        let handle = self.handle.get_or_insert_with(|| {
            let span_context = self.cx.span().span_context().clone();
            ExchangeHandle::new(span_context)
        });
        handle.clone()
    }

    /// Labels of its operation, as far as they are known by now.
    #[must_use]
    pub fn labels(&self) -> &[(&'static str, &'static str)] {
        self.operation.labels()
    }

    /// From the arrival to the head of the response, once there is one.
    #[must_use]
    pub const fn time_to_head(&self) -> Option<Duration> {
        self.time_to_head
    }

    /// What of its time is recorded in metrics; the whole otherwise.
    pub const fn measure(&mut self, measure: Measure) {
        self.measure = measure;
    }

    /// Adds bytes to what was sent of the body of the response.
    pub(super) const fn add_sent(&mut self, bytes: u64) {
        self.sent = self.sent.saturating_add(bytes);
    }

    /// Adds attributes to its span, which must not have been written before: the SDK appends. They
    /// are asked for only where a span is recorded.
    pub fn add_attributes<A>(&self, attributes: impl FnOnce() -> A)
    where
        A: IntoIterator<Item = KeyValue>,
    {
        let is_recorded = self.standing.recorded && self.cx.span().is_recording();
        if !self.ended && is_recorded {
            let added = contained(|| self.cx.span().set_attributes(attributes()));
            if added.is_none() {
                self.instrumentation.disable_spans();
            }
        }
    }

    /// Makes it an operation of another variant with the same name, as a response makes known what
    /// a request could not. Before the end only.
    pub fn revise(&mut self, variant: u64) {
        if !self.ended && self.operation.variant() != variant {
            let name = self.operation.key();
            let revised = self.instrumentation.operation(variant, name);
            self.become_operation(revised);
        }
    }

    /// Names the operation, now that its route or method is known. Before the end only.
    ///
    /// An operation that has a name keeps it.
    pub fn name(&mut self, name: &str) {
        if !self.ended && !self.operation.is_named() {
            let named = self
                .instrumentation
                .operation(self.operation.variant(), name);
            self.become_operation(named);
        }
    }

    /// Takes note of a name the caller gave, which may be of something that does not exist.
    ///
    /// [`prove`](Self::prove) makes it the name of the operation. Without that it becomes no label,
    /// and the span of a nameless operation gets it as `attribute` at its end.
    pub fn claim(&mut self, attribute: &'static str, name: &str) {
        self.claimed = Some((attribute, name.into()));
    }

    /// What was claimed exists: [names](Self::name) the operation so, as far as there is room.
    pub fn prove(&mut self) {
        if let Some((attribute, name)) = self.claimed.take() {
            self.name(&name);
            self.claimed = Some((attribute, name));
        }
    }

    /// The head of the response has arrived.
    pub fn head(&mut self, http_status: u16) {
        self.name_late();
        self.http_status = Some(http_status);
        let now = self.instrumentation.telemetry().clock().now();
        self.time_to_head = Some(now.saturating_duration_since(self.started));
    }

    /// A gRPC status was seen, in the head or in an error.
    pub const fn grpc_status(&mut self, code: GrpcCode) {
        self.grpc_status = Some(code);
    }

    /// Trailers were seen: those of gRPC carry its status.
    pub fn trailers(&mut self, trailers: &HeaderMap) {
        if self.instrumentation.classify() == Classify::Grpc
            && let Some(status) = trailers.get("grpc-status")
        {
            self.grpc_status = Some(GrpcCode::parse(status.as_bytes()));
        }
    }

    /// The low-cardinality name of the error that is about to end it.
    pub const fn error_type(&mut self, error_type: &'static str) {
        self.error_type = Some(error_type);
    }

    /// What the span says of the error, if the verdict is one. It must be fit to be kept.
    pub fn error_message(&mut self, message: &str) {
        self.error_message = Some(message.into());
    }

    /// Keeps what the layer knows of this exchange, for [`AtEnd`](super::AtEnd) and observers.
    pub fn keep(&mut self, detail: Arc<Detail>) {
        self.detail = Some(detail);
    }
    /// Ends it. Only the first call counts.
    ///
    /// In this order: the in-flight table, the number in flight, the duration with its exemplar,
    /// the log line, the span, the observers. What comes before the log line is ours; the rest is
    /// foreign code and contained.
    pub fn end(&mut self, ending: Ending) {
        self.name_late();
        if std::mem::replace(&mut self.ended, true) || !self.standing.live {
            return;
        }
        let telemetry = self.instrumentation.telemetry();
        let now = telemetry.clock().now();
        let duration = now.saturating_duration_since(self.started);
        let told = self.handle.as_ref().map(ExchangeHandle::close);
        let told = told.as_ref();
        let judged = self.judge(ending, now);
        let judgement = told.map_or(judged, |told| told.amend(ending, judged));
        let end = ExchangeEnd {
            start: self.start(),
            labels: self.operation.labels(),
            judgement,
            duration,
            time_to_head: self.time_to_head,
            overrun: self.overrun(now),
            detail: self.detail.as_deref(),
            facts: told.map_or(&[], |told| &told.facts),
            sizes: (told.and_then(Told::received), self.sent),
        };
        let mut attributes = Vec::new();
        if let (Some(table), Some(ticket)) = (telemetry.in_flight(), self.ticket) {
            table.close(ticket);
        }
        self.record(&judgement, &end, told);
        if let Some(own) = self.own() {
            own.life().inspect(|life| life.end());
        }
        if let Some(at_end) = self.instrumentation.at_end() {
            contained(|| at_end.end(&end, self.is_recorded(), &mut attributes));
        }
        let _current = self.attach();
        if self.standing.signals.log_lines() && contained(|| log_line::write(&end)).is_none() {
            telemetry.diagnostics().count(Fault::LogPanicked);
        }
        self.end_span(&judgement, duration, told, attributes);
        telemetry
            .observers()
            .each(telemetry.diagnostics(), |observer| observer.on_end(&end));
    }

    /// Takes the route an inner layer has told, if any.
    ///
    /// Only an HTTP server has routes: a client, or a gRPC call, may find in its context the one of
    /// the request around it. One try is enough: a table that is full stays full.
    fn name_late(&mut self) {
        let instrumentation = &self.instrumentation;
        let has_routes =
            instrumentation.classify() == Classify::Http && instrumentation.side() == Side::Server;
        if !has_routes || self.ended || self.opened_as.is_some() || self.operation.is_named() {
            return;
        }
        let variant = self.operation.variant();
        let told = self.handle.as_ref().and_then(ExchangeHandle::route);
        let named = ExchangeContext::of(&self.cx)
            .and_then(ExchangeContext::route)
            .or(told.as_deref())
            .map(|route| instrumentation.operation(variant, route));
        if let Some(named) = named {
            self.become_operation(named);
        }
    }

    fn become_operation(&mut self, operation: Arc<Operation>) {
        let span = self.cx.span();
        if self.standing.recorded && span.is_recording() {
            let known: Vec<_> = self.operation.attributes().collect();
            let renamed = contained(|| {
                span.update_name(operation.name());
                span.set_attributes(operation.attributes().filter(|new| !known.contains(new)));
            });
            if renamed.is_none() {
                self.instrumentation.disable_spans();
            }
        }
        let before = std::mem::replace(&mut self.operation, operation);
        self.opened_as.get_or_insert(before);
    }

    /// Tells the observers it has started.
    pub(super) fn announce(&self) {
        let telemetry = self.instrumentation.telemetry();
        if !self.standing.live || telemetry.observers().is_empty() {
            return;
        }
        let _current = self.attach();
        let start = self.start();
        telemetry
            .observers()
            .each(telemetry.diagnostics(), |observer| {
                observer.on_start(&start)
            });
    }

    fn start(&self) -> ExchangeStart<'_> {
        ExchangeStart {
            name: self.operation.name(),
            side: self.instrumentation.side(),
            semconv: self.instrumentation.semconv(),
            context: &self.cx,
            started: self.started_wall,
        }
    }

    /// The value this exchange put into its context, if it did.
    fn own(&self) -> Option<&ExchangeContext> {
        // Without facts of its own, what it finds there is that of an exchange around it.
        let has_own = self.standing.parent.is_some() && self.standing.signals.facts();
        ExchangeContext::of(&self.cx).filter(|_| has_own)
    }

    fn judge(&self, ending: Ending, now: Instant) -> Judgement {
        let facts = Facts {
            side: self.instrumentation.side(),
            ending,
            http_status: self.http_status,
            grpc_status: self.grpc_status,
            deadline_passed: self.deadline.is_some_and(|deadline| now >= deadline),
            error_type: self.error_type,
        };
        let judgement = self.instrumentation.classify().judge(&facts);
        self.instrumentation
            .at_end()
            .and_then(|at_end| contained(|| at_end.judge(judgement, &facts)))
            .unwrap_or(judgement)
    }

    fn record(&self, judgement: &Judgement, end: &ExchangeEnd<'_>, told: Option<&Told>) {
        if !self.standing.signals.metrics() {
            return;
        }
        if let Some(active) = self.opened_as.as_ref().unwrap_or(&self.operation).active() {
            active.dec();
        }
        let instruments = self.instrumentation.instruments();
        let measured = match self.measure {
            Measure::Whole => Some(end.duration),
            Measure::ToHead => Some(self.time_to_head.unwrap_or(end.duration)),
            Measure::Nothing => None,
        };
        let seconds = measured.map(|measured| measured.as_secs_f64());
        let further = told.map_or(&[][..], |told| &told.labels);
        if further.is_empty() {
            self.operation
                .record(instruments, judgement, seconds, &self.cx);
        } else {
            self.operation
                .record_with(instruments, judgement, seconds, &self.cx, further);
        }
        if let Some(parent) = self.standing.parent {
            self.operation.count_parent(instruments, parent);
        }
        if let Some(recorder) = self.instrumentation.recorder() {
            recorder.on_end(end);
        }
    }

    fn end_span(
        &self,
        judgement: &Judgement,
        duration: Duration,
        told: Option<&Told>,
        attributes: Vec<KeyValue>,
    ) {
        if !self.standing.recorded {
            return;
        }
        let span = self.cx.span();
        // The end is computed, not read: span and metric then state the same duration.
        let ended = self.started_wall.checked_add(duration);
        let ended = ended.unwrap_or(self.started_wall);
        let done = contained(|| {
            if span.is_recording() {
                span.set_attributes(self.operation.placeholder());
                span.set_attributes(self.unproven());
                if let Some(told) = told {
                    span.set_attributes(told.attributes.iter().chain(&told.facts).cloned());
                }
                span.set_attributes(attributes);
                span.set_attributes(verdict(judgement, self.instrumentation.semconv()));
                if judgement.span_error {
                    let message = self.error_message.as_deref().unwrap_or_default();
                    span.set_status(SpanStatus::error(message.to_owned()));
                }
                span.end_with_timestamp(ended);
            }
        });
        if done.is_none() {
            self.instrumentation.disable_spans();
        }
    }

    /// How long after its deadline it is, less what a deadline may be set too early by: see
    /// [`Opening::with_timeout`].
    fn overrun(&self, now: Instant) -> Option<Duration> {
        let deadline = self.deadline?;
        let slack = deadline.saturating_duration_since(self.started) / 99;
        let slack = slack.max(Duration::from_millis(2));
        now.checked_duration_since(deadline)?.checked_sub(slack)
    }

    /// Whether there is a span of its own to write to.
    pub(super) fn is_recorded(&self) -> bool {
        self.standing.recorded && self.cx.span().is_recording()
    }

    pub(super) fn operation_name(&self) -> &'static str {
        self.operation.name()
    }

    pub(super) fn operation_attributes(&self) -> impl Iterator<Item = KeyValue> {
        self.operation.attributes()
    }

    /// The wall clock as the exchange counts it: from its start, by the monotonic clock.
    pub(super) fn wall_now(&self) -> SystemTime {
        let elapsed = self.instrumentation.telemetry().clock().now();
        let elapsed = elapsed.saturating_duration_since(self.started);
        self.started_wall
            .checked_add(elapsed)
            .unwrap_or(self.started_wall)
    }

    pub(super) fn replace_context(&mut self, cx: Context) {
        self.cx = cx;
    }

    /// The claimed name as an attribute, where the operation got no name.
    fn unproven(&self) -> Option<KeyValue> {
        let (attribute, name) = self.claimed.as_ref()?;
        (!self.operation.is_named()).then(|| KeyValue::new(*attribute, name.to_string()))
    }

    /// Whether a second layer inside could not tell by the context that it is the second.
    fn is_bare_server(&self) -> bool {
        self.standing.live
            && !self.standing.signals.facts()
            && self.instrumentation.side() == Side::Server
    }

    fn attach(&self) -> Option<opentelemetry::ContextGuard> {
        (self.standing.live && self.standing.signals.context())
            .then(|| attach(&self.cx))
            .flatten()
    }
}

/// The attributes an end adds, each written once: the SDK does not replace, it appends.
fn verdict(judgement: &Judgement, mode: SemconvMode) -> impl Iterator<Item = KeyValue> {
    let status = judgement.status.and_then(|status| match status {
        Status::Http(code) => Some(KeyValue::new(
            semconv::HTTP_RESPONSE_STATUS_CODE,
            i64::from(code),
        )),
        Status::Grpc(code) => mode
            .writes_current()
            .then(|| KeyValue::new(mode.status_key(), code.as_str())),
    });
    let legacy = judgement.status.and_then(|status| match status {
        Status::Grpc(code) if mode.writes_legacy() => Some(KeyValue::new(
            semconv::RPC_GRPC_STATUS_CODE,
            i64::from(code.number()),
        )),
        _ => None,
    });
    let error = judgement
        .error_type
        .map(|error_type| KeyValue::new(semconv::ERROR_TYPE, error_type));
    let outcome = KeyValue::new(semconv::EXCHANGE_OUTCOME, judgement.outcome.as_str());
    status
        .into_iter()
        .chain(legacy)
        .chain(error)
        .chain([outcome])
}

impl Drop for Exchange {
    fn drop(&mut self) {
        let ending = if std::thread::panicking() {
            Ending::Panicked
        } else {
            Ending::Dropped
        };
        self.end(ending);
    }
}
