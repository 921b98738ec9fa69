//! Spawning that never forgets the context: `tokio`'s functions, carried.
//!
//! They exist so that the bare ones can be banned: `clippy.toml` in `docs/guide/context.md` does it
//! for a whole workspace, and what remains is right by construction.

use tokio::task::{AbortHandle, JoinHandle, JoinSet};

use super::Carry;
use crate::telemetry::Telemetry;

/// [`tokio::spawn`] in the current context.
///
/// # Panics
///
/// Outside of a `tokio` runtime, as `tokio::spawn` does.
#[track_caller]
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    tokio::spawn(future.carry())
}

/// [`tokio::spawn`] of work that outlives its request; see [`Carry::carry_detached`].
///
/// # Panics
///
/// Outside of a `tokio` runtime, as `tokio::spawn` does.
#[track_caller]
pub fn spawn_detached<F>(
    telemetry: &Telemetry,
    name: &'static str,
    future: F,
) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    tokio::spawn(future.carry_detached(telemetry, name))
}

/// [`tokio::task::spawn_blocking`] in the current context.
///
/// # Panics
///
/// Outside of a `tokio` runtime, as `tokio::task::spawn_blocking` does.
#[track_caller]
pub fn spawn_blocking<F, R>(call: F) -> JoinHandle<R>
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    tokio::task::spawn_blocking(call.carry_call())
}

/// [`tokio::task::spawn_local`] in the current context.
///
/// # Panics
///
/// Outside of a `LocalSet`, as `tokio::task::spawn_local` does.
#[track_caller]
pub fn spawn_local<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    tokio::task::spawn_local(future.carry())
}

/// [`JoinSet::spawn`] in the current context.
///
/// # Panics
///
/// Outside of a `tokio` runtime, as `JoinSet::spawn` does.
#[track_caller]
pub fn spawn_on<F>(set: &mut JoinSet<F::Output>, future: F) -> AbortHandle
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    set.spawn(future.carry())
}
