//! The thread that looks after load and metrics, once a second, where there is need for it.

use std::io;
use std::sync::{Arc, Condvar, Mutex, PoisonError, Weak};
use std::thread;
use std::time::Duration;

use otel_core::opentelemetry::Context;

use crate::capture::mute_thread;
use crate::shared::Shared;

const EVERY: Duration = Duration::from_secs(1);

/// Ends the thread when it is dropped.
#[derive(Debug)]
pub(crate) struct Keeper {
    stop: Arc<(Mutex<bool>, Condvar)>,
}

impl Keeper {
    pub(crate) fn spawn(shared: &Arc<Shared>) -> io::Result<Self> {
        let stop = Arc::new((Mutex::new(false), Condvar::new()));
        let stopped = Arc::clone(&stop);
        let shared: Weak<Shared> = Arc::downgrade(shared);
        thread::Builder::new()
            .name("otel-log-keeper".to_owned())
            .spawn(move || {
                mute_thread();
                let _suppressed = Context::enter_telemetry_suppressed_scope();
                let (flag, signal) = &*stopped;
                loop {
                    let flag = flag.lock().unwrap_or_else(PoisonError::into_inner);
                    let (flag, _) = signal
                        .wait_timeout_while(flag, EVERY, |is_stopped| !*is_stopped)
                        .unwrap_or_else(PoisonError::into_inner);
                    let is_stopped = *flag;
                    drop(flag);
                    let Some(shared) = shared.upgrade().filter(|_| !is_stopped) else {
                        return;
                    };
                    shared.adjust();
                    shared.publish();
                }
            })?;
        Ok(Self { stop })
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        let (flag, signal) = &*self.stop;
        *flag.lock().unwrap_or_else(PoisonError::into_inner) = true;
        signal.notify_all();
    }
}
