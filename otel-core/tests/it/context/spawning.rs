//! The carried forms of tokio's spawning functions, and what the bare ones lose.

use otel_core::context::task;
use tokio::task::{JoinSet, LocalSet};

use super::{request, seen, telemetry};

#[tokio::test]
async fn every_way_to_spawn_has_a_carried_form() {
    let telemetry = telemetry().build().unwrap();
    let mut set = JoinSet::new();
    let (spawned, blocking, detached, bare) = request(&telemetry, 7).scope(|| {
        task::spawn_on(&mut set, async { seen() });
        (
            task::spawn(async { seen() }),
            task::spawn_blocking(seen),
            task::spawn_detached(&telemetry, "later", async { seen() }),
            tokio::spawn(async { seen() }),
        )
    });
    assert_eq!(spawned.await.unwrap(), Some(7));
    assert_eq!(blocking.await.unwrap(), Some(7));
    assert_eq!(
        detached.await.unwrap(),
        Some(7),
        "there is no tracer to start a root"
    );
    assert_eq!(set.join_all().await, [Some(7)]);
    assert_eq!(
        bare.await.unwrap(),
        None,
        "which is why the bare one is banned"
    );

    let local = LocalSet::new();
    let task = async {
        let task = request(&telemetry, 8).scope(|| task::spawn_local(async { seen() }));
        task.await.unwrap()
    };
    assert_eq!(local.run_until(task).await, Some(8));
}

#[tokio::test]
async fn the_place_that_spawns_is_the_place_that_is_named() {
    let telemetry = telemetry().with_lifecycle().build().unwrap();
    let task = request(&telemetry, 7).scope(|| task::spawn(std::future::pending::<()>()));
    let places = telemetry.lifecycle().unwrap().places();
    assert!(places[0].location().file().ends_with("spawning.rs"));
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    assert_eq!(telemetry.lifecycle().unwrap().places()[0].outlived(), 1);
}
