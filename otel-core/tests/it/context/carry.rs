//! Work for other tasks, threads, pools and queues runs in the context it was carried from.

use std::future::{Future, poll_fn, ready};
use std::pin::{Pin, pin};
use std::sync::mpsc;
use std::task::{Context as Waker, Poll};
use std::thread;

use futures_core::Stream;
use otel_core::context::Carry;
use otel_core::opentelemetry::trace::TraceContextExt;
use tokio::task::{JoinSet, yield_now};

use super::{request, seen, telemetry};

/// Says what it sees in each poll, and when it is destroyed.
struct Watch {
    polls: usize,
    tell: mpsc::Sender<Option<u32>>,
}

impl Future for Watch {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, waker: &mut Waker<'_>) -> Poll<()> {
        self.tell.send(seen()).unwrap();
        waker.waker().wake_by_ref();
        match self.polls.checked_sub(1) {
            Some(left) => {
                self.polls = left;
                Poll::Pending
            }
            None => Poll::Ready(()),
        }
    }
}

impl Stream for Watch {
    type Item = Option<u32>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Waker<'_>) -> Poll<Option<Option<u32>>> {
        Poll::Ready(self.polls.checked_sub(1).map(|left| {
            self.polls = left;
            seen()
        }))
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.tell.send(seen()).unwrap();
    }
}

fn watch(polls: usize) -> (Watch, mpsc::Receiver<Option<u32>>) {
    let (tell, told) = mpsc::channel();
    (Watch { polls, tell }, told)
}

#[tokio::test]
async fn a_future_is_polled_and_destroyed_in_its_context() {
    let telemetry = telemetry().build().unwrap();
    let (work, told) = watch(3);
    let carried = request(&telemetry, 7).scope(|| work.carry());
    tokio::spawn(carried).await.unwrap();
    assert_eq!(told.iter().collect::<Vec<_>>(), [Some(7); 5]);
    assert_eq!(seen(), None);
}

#[tokio::test]
async fn a_future_that_is_aborted_is_destroyed_in_its_context() {
    let telemetry = telemetry().build().unwrap();
    let (work, told) = watch(usize::MAX);
    let task = tokio::spawn(request(&telemetry, 7).scope(|| work.carry()));
    yield_now().await;
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    assert!(told.iter().all(|seen| seen == Some(7)));
}

#[test]
fn a_panic_leaves_no_context_behind() {
    let telemetry = telemetry().build().unwrap();
    let work = async { panic!("asked to") };
    let mut carried = Box::pin(request(&telemetry, 7).scope(|| work.carry()));
    let polled = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _: Poll<()> = carried
            .as_mut()
            .poll(&mut Waker::from_waker(std::task::Waker::noop()));
    }));
    assert!(polled.is_err());
    assert_eq!(seen(), None);
}

#[tokio::test]
async fn a_stream_yields_in_its_context() {
    let telemetry = telemetry().build().unwrap();
    let (work, told) = watch(2);
    let mut carried = pin!(request(&telemetry, 7).scope(|| work.carry()));
    let mut items = Vec::new();
    while let Some(item) = poll_fn(|waker| Stream::poll_next(carried.as_mut(), waker)).await {
        assert_eq!(seen(), None, "between the items nothing is current");
        items.push(item);
    }
    assert_eq!(items, [Some(7); 2]);
    assert_eq!(told.recv(), Ok(Some(7)), "destroyed at its end");
}

#[tokio::test]
async fn tasks_of_many_requests_on_one_thread_do_not_mix() {
    let telemetry = telemetry().build().unwrap();
    let mut set = JoinSet::new();
    for number in 1..=50 {
        let task = async move {
            for _ in 0..5 {
                assert_eq!(seen(), Some(number));
                yield_now().await;
            }
            tokio::select! {
                biased;
                () = std::future::pending() => {}
                () = yield_now() => assert_eq!(seen(), Some(number)),
            }
            let timer = tokio::time::sleep(std::time::Duration::ZERO);
            tokio::time::timeout(std::time::Duration::from_secs(60), timer)
                .await
                .unwrap();
            assert_eq!(seen(), Some(number));
        };
        set.spawn(request(&telemetry, number).scope(|| task.carry()));
    }
    set.join_all().await;
    assert_eq!(seen(), None);
}

#[test]
fn calls_on_other_threads_see_their_request_and_leave_nothing() {
    let telemetry = telemetry().build().unwrap();
    let (send, receive) = mpsc::channel::<Box<dyn FnOnce() + Send>>();
    let pool = thread::spawn(move || {
        for job in receive {
            job();
            assert_eq!(seen(), None, "a pooled thread keeps nothing");
        }
    });
    for number in 1..=3 {
        let call = move || assert_eq!(seen(), Some(number));
        let carried = request(&telemetry, number).scope(|| call.carry_call());
        send.send(Box::new(carried)).unwrap();
        send.send(Box::new(|| ())).unwrap();
    }
    drop(send);
    pool.join().unwrap();
}

#[test]
fn a_call_for_each_item_may_run_on_many_threads_at_once() {
    let telemetry = telemetry().build().unwrap();
    let double = |n: u32| (n * 2, seen());
    let carried = request(&telemetry, 7).scope(|| double.carry_each());
    thread::scope(|scope| {
        for n in 0..4 {
            let carried = &carried;
            scope.spawn(move || assert_eq!(carried(n), (n * 2, Some(7))));
        }
    });
}

#[tokio::test]
async fn an_item_brings_the_context_of_its_sender() {
    let telemetry = telemetry().build().unwrap();
    let (send, mut receive) = tokio::sync::mpsc::channel(8);
    for number in 1..=3 {
        let item = request(&telemetry, number).scope(|| number.carry_item());
        send.send(item).await.unwrap();
    }
    let first = receive.recv().await.unwrap();
    assert_eq!(
        (*first.get_ref(), first.run(|n| (n, seen()))),
        (1, (1, Some(1)))
    );
    let second = receive.recv().await.unwrap();
    let followed = second.follow(|n| {
        assert_eq!(seen(), Some(2));
        async move {
            yield_now().await;
            (n, seen())
        }
    });
    assert_eq!(followed.await, (2, Some(2)));
    let (third, cx) = receive.recv().await.unwrap().into_parts();
    assert_eq!(
        (third, cx.span().span_context().span_id().to_string()),
        (3, format!("{:016x}", 3))
    );
    assert_eq!(seen(), None);
}

#[tokio::test]
async fn another_context_than_the_current_one() {
    let telemetry = telemetry().build().unwrap();
    let (mut one, other) = (request(&telemetry, 1), request(&telemetry, 2));
    let carried = one.scope(|| async { seen() }.carry_in(other.context()));
    assert_eq!(carried.await, Some(2));
}

#[test]
fn a_carried_future_that_is_polled_after_its_end_stays_quiet() {
    let mut carried = Box::pin(ready(()).carry());
    let mut waker = Waker::from_waker(std::task::Waker::noop());
    assert!(carried.as_mut().poll(&mut waker).is_ready());
    assert!(carried.as_mut().poll(&mut waker).is_pending());
}
