//! The crate seen from outside, one module a subject.
#![cfg(test)]

mod propagation;
