//! stub
#[derive(Debug)]
pub(crate) struct HeavyHitters;
impl HeavyHitters { pub(crate) fn new(_: usize) -> Self { Self } pub(crate) fn offer(&mut self, _: u64, _: u64, _: &str) {} }
