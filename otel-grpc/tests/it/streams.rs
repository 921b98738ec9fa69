//! Streams that last, and watches that are opened again.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use otel_core::clock::ManualClock;
use otel_grpc::{GrpcClientLayer, GrpcServerLayer, StreamPolicy, Watch};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio_stream::wrappers::UnboundedReceiverStream;
use tonic::Streaming;
use tonic_health::pb::HealthCheckRequest as Message;
use tower::Layer;

use crate::echo::{self, Echo, message};
use crate::pipeline::{Pipeline, attributes};
use crate::row_clock::RowClock;
use crate::wire::Running;

async fn chat(server: &Running) -> (UnboundedSender<Message>, Streaming<Message>) {
    let (send, receive) = unbounded_channel();
    let sending = UnboundedReceiverStream::new(receive);
    let answers = echo::chat_with(server.channel(), sending, |_| ()).await;
    (send, answers.unwrap())
}

#[tokio::test]
async fn a_long_stream_is_told_in_segments_that_lead_from_one_to_the_next() {
    let clock = RowClock::Manual(Arc::new(ManualClock::new()));
    let mut pipeline = Pipeline::with(|builder| builder.with_clock(clock.clone()));
    let layer = GrpcServerLayer::builder(&pipeline.telemetry)
        .with_streams(StreamPolicy::Segments(Duration::from_secs(60)))
        .with_methods(["test.v1.Echo/Chat"])
        .build()
        .unwrap();
    let server = echo::serve_echo(layer, Echo::default()).await;
    let (send, mut answers) = chat(&server).await;
    for _ in 0..3 {
        send.send(message("on")).unwrap();
        assert!(answers.message().await.unwrap().is_some());
        clock.advance(Duration::from_secs(61));
    }
    drop(send);
    assert!(answers.message().await.unwrap().is_none());
    pipeline.ended().await;
    assert_eq!(pipeline.further_ends(), 0);

    let spans = pipeline.spans();
    assert_eq!(spans.len(), 4, "{spans:?}");
    let first = &spans[0].span_context;
    for (index, span) in spans.iter().enumerate() {
        assert_eq!(span.name, "test.v1.Echo/Chat");
        assert_eq!(span.span_context.trace_id(), first.trace_id());
        let of_span = attributes(&span.attributes);
        assert_eq!(of_span["exchange.segment.index"], index.to_string());
        assert_eq!(of_span["rpc.method"], "test.v1.Echo/Chat");
        let is_last = index == spans.len() - 1;
        assert_eq!(of_span.contains_key("rpc.response.status_code"), is_last);
        if index > 0 {
            assert_eq!(span.parent_span_id, first.span_id());
            let linked: Vec<_> = span.links.iter().map(|link| &link.span_context).collect();
            assert_eq!(linked, [&spans[index - 1].span_context]);
            assert_eq!(span.start_time, spans[index - 1].end_time);
        }
    }
    let durations = pipeline.counts("rpc_server_call_duration_seconds");
    assert_eq!(durations.values().sum::<u64>(), 1, "{durations:?}");
}

#[tokio::test]
async fn streams_that_are_known_may_be_left_to_metrics() {
    let mut pipeline = Pipeline::new();
    let builder =
        || GrpcServerLayer::builder(&pipeline.telemetry).with_streams(StreamPolicy::MetricsAlone);
    assert_eq!(builder().build().unwrap_err().setting(), "with_streams");
    let layer = builder()
        .with_streaming_methods(["test.v1.Echo/Chat"])
        .build()
        .unwrap();
    let server = echo::serve_echo(layer, Echo::default()).await;
    let (send, mut answers) = chat(&server).await;
    drop(send);
    assert!(answers.message().await.unwrap().is_none());
    pipeline.ended().await;
    assert!(pipeline.spans().is_empty());
    let durations = pipeline.counts("rpc_server_call_duration_seconds");
    assert_eq!(durations.values().sum::<u64>(), 1, "{durations:?}");

    echo::ask_last(server.channel(), vec![message("a")], false)
        .await
        .unwrap();
    pipeline.ended().await;
    assert_eq!(pipeline.span().name, "test.v1.Echo/Last");
}

#[tokio::test]
async fn a_watch_that_is_opened_again_links_to_the_call_before() {
    let (mut pipeline, watch) = (Pipeline::new(), Watch::new());
    let layer = GrpcClientLayer::new(&pipeline.telemetry);
    for times in 0..3_u32 {
        let server_side = Pipeline::new();
        let layer_of_server = GrpcServerLayer::new(&server_side.telemetry);
        let server = echo::serve_echo(layer_of_server, Echo::default()).await;
        assert_eq!(watch.times_opened(), times);
        let client = layer.layer(server.channel());
        let sending = futures_util::stream::once(async { message("hello") })
            .chain(futures_util::stream::pending());
        let mut answers = echo::chat_with(client, sending, |request| {
            request.extensions_mut().insert(watch.clone());
        })
        .await
        .unwrap();
        assert!(answers.message().await.unwrap().is_some());
        drop(answers);
        pipeline.ended().await;
    }
    let spans = pipeline.spans();
    for (index, span) in spans.iter().enumerate() {
        let linked: Vec<_> = span.links.iter().map(|link| &link.span_context).collect();
        let of_span = attributes(&span.attributes);
        let reopened = of_span.get("exchange.reopened").map(String::as_str);
        match index {
            0 => assert_eq!((linked.len(), reopened), (0, None)),
            index => {
                assert_eq!(linked, [&spans[index - 1].span_context]);
                assert_eq!(reopened, Some(index.to_string().as_str()));
            }
        }
    }
}

#[tokio::test]
async fn a_stream_that_outlives_its_deadline_and_ends_well_says_by_how_much() {
    for (waits, overruns) in [
        (Duration::from_secs(30), false),
        (Duration::from_secs(90), true),
    ] {
        let clock = RowClock::Manual(Arc::new(ManualClock::new()));
        let mut pipeline = Pipeline::with(|builder| builder.with_clock(clock.clone()));
        let layer = GrpcServerLayer::new(&pipeline.telemetry);
        let server = echo::serve_echo(layer, Echo::default()).await;
        let (send, receive) = unbounded_channel();
        let sending = UnboundedReceiverStream::new(receive);
        let mut answers = echo::chat_with(server.channel(), sending, |request| {
            request.set_timeout(Duration::from_secs(60));
        })
        .await
        .unwrap();
        send.send(message("on")).unwrap();
        assert!(answers.message().await.unwrap().is_some());
        clock.advance(waits);
        drop(send);
        assert!(answers.message().await.unwrap().is_none());
        pipeline.ended().await;
        let span = attributes(&pipeline.span().attributes);
        assert_eq!(span["rpc.response.status_code"], "OK");
        let overrun: Option<f64> = span
            .get("grpc.deadline_overrun")
            .map(|overrun| overrun.parse().unwrap());
        assert_eq!(overrun.is_some(), overruns, "{overrun:?}");
        assert!(
            overrun.is_none_or(|overrun| (29.0..=30.1).contains(&overrun)),
            "{overrun:?}"
        );
    }
}
