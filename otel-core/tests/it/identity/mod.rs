//! Who called, from a text or a certificate to a decision.

mod audit;
#[cfg(feature = "x509")]
mod certificates;
mod denial;
mod forwarded;
mod skew;
mod spiffe;
#[cfg(feature = "rustls")]
mod tls;
mod trust;
#[cfg(feature = "x509")]
mod workload;
