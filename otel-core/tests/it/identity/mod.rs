//! Who called, from a text or a certificate to a decision.

#[cfg(feature = "x509")]
mod certificates;
mod denial;
mod forwarded;
mod spiffe;
mod trust;
