//! A tonic service that does as the test says: one unary method and one that streams.
//!
//! It speaks the standard health protocol, whose generated server and messages tonic ships; what
//! the messages say is of no matter here.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;

use futures_util::stream::{self, Stream, StreamExt};
use tokio::sync::{Notify, Semaphore};
use tonic::{Code, Request, Response, Status};
use tonic_health::pb::health_server::Health;
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};

/// The unary method.
pub(crate) const CHECK: &str = "/grpc.health.v1.Health/Check";
/// The method that streams.
pub(crate) const WATCH: &str = "/grpc.health.v1.Health/Watch";

/// What the service does next.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    /// Answers with a message.
    Message,
    /// Ends with a status.
    Status(Code),
    /// Waits until the client has read so many messages.
    UntilRead(u32),
    /// Does nothing any more.
    Hang,
    /// Panics.
    Panic,
}

/// The service. A unary call takes the first step, a stream all of them.
#[derive(Clone)]
pub(crate) struct Scripted {
    steps: Vec<Step>,
    arrived: Arc<Notify>,
    read: Arc<Semaphore>,
    on_arrival: Arc<dyn Fn() + Send + Sync>,
}

impl Scripted {
    pub(crate) fn new(steps: &[Step]) -> Self {
        Self {
            steps: steps.to_vec(),
            arrived: Arc::default(),
            read: Arc::new(Semaphore::new(0)),
            on_arrival: Arc::new(|| ()),
        }
    }

    /// Runs `then` inside the handler, before its first step.
    pub(crate) fn on_arrival(self, then: impl Fn() + Send + Sync + 'static) -> Self {
        Self {
            on_arrival: Arc::new(then),
            ..self
        }
    }

    /// Is notified when a call is in its handler.
    pub(crate) fn arrived(&self) -> Arc<Notify> {
        Arc::clone(&self.arrived)
    }

    /// Takes a permit for each message the client has read.
    pub(crate) fn read(&self) -> Arc<Semaphore> {
        Arc::clone(&self.read)
    }

    fn begin(&self) -> Steps {
        (self.on_arrival)();
        self.arrived.notify_one();
        let steps = self.steps.iter().copied().collect();
        Box::pin(run(steps, Arc::clone(&self.read)))
    }
}

type Steps = Pin<Box<dyn Stream<Item = Result<HealthCheckResponse, Status>> + Send>>;

#[tonic::async_trait]
impl Health for Scripted {
    async fn check(
        &self,
        _request: Request<HealthCheckRequest>,
    ) -> Result<Response<HealthCheckResponse>, Status> {
        let answer = self.begin().next().await;
        answer.expect("a step for the answer").map(Response::new)
    }

    type WatchStream = Steps;

    async fn watch(
        &self,
        _request: Request<HealthCheckRequest>,
    ) -> Result<Response<Steps>, Status> {
        Ok(Response::new(self.begin()))
    }
}

/// Does the steps one after the other; each message and each status is an item.
fn run(
    steps: VecDeque<Step>,
    read: Arc<Semaphore>,
) -> impl Stream<Item = Result<HealthCheckResponse, Status>> + Send {
    stream::unfold((steps, read), async |(mut steps, read)| {
        loop {
            let item = match steps.pop_front()? {
                Step::Message => Ok(HealthCheckResponse::default()),
                Step::Status(code) => Err(Status::new(code, "as told")),
                Step::UntilRead(messages) => {
                    read.acquire_many(messages).await.ok()?.forget();
                    continue;
                }
                Step::Hang => std::future::pending().await,
                Step::Panic => panic!("asked to panic"),
            };
            return Some((item, (steps, read)));
        }
    })
}
