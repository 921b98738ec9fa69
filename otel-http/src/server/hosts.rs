//! The hosts a server is reached by.
//!
//! A service has few names and is told one with every request. The first ones are kept, so that a
//! request that names one of them copies a reference; what callers invent beyond them is parsed
//! each time and kept nowhere.

use std::sync::{Arc, OnceLock};

use otel_core::opentelemetry::StringValue;

use crate::attributes::split;

/// Hosts that are kept.
const KEPT: usize = 16;

#[derive(Debug, Default)]
pub(super) struct Hosts {
    kept: [OnceLock<Host>; KEPT],
}

#[derive(Debug)]
struct Host {
    authority: Box<str>,
    address: Arc<str>,
    port: Option<u16>,
}

impl Hosts {
    /// `server.address` and port of an authority, or nothing if it is not one.
    pub(super) fn find(&self, authority: &str) -> Option<(StringValue, Option<u16>)> {
        for slot in &self.kept {
            let host = match slot.get() {
                Some(host) => host,
                None => {
                    let (address, port) = split(authority)?;
                    slot.get_or_init(|| Host {
                        authority: authority.into(),
                        address: address.into(),
                        port,
                    })
                }
            };
            if *host.authority == *authority {
                return Some((Arc::clone(&host.address).into(), host.port));
            }
        }
        let (address, port) = split(authority)?;
        Some((address.to_owned().into(), port))
    }
}
