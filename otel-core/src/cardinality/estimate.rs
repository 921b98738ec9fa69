//! stub
#[derive(Debug, Default)]
pub(crate) struct Estimate;
impl Estimate { pub(crate) fn add(&self, _: u64) {} }
