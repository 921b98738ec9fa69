//! stub
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;
use crate::registry::LabelRules;
use super::{same_label, sanitize_label};

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Plan { pub(crate) rules: Option<Box<LabelRules>>, pub(crate) default: usize }
#[derive(Debug)]
pub(crate) struct LabelPlan<'a> { pub(crate) name: Cow<'a, str>, pub(crate) budget: usize, pub(crate) protected: bool, pub(crate) values: Option<Arc<ValueRules>>, pub(crate) drop_above: Option<u64> }
#[derive(Debug)]
pub(crate) struct ValueRules;
#[derive(Debug)]
pub(crate) enum Verdict<'v> { Keep(&'v str), Pinned(&'v str), Fold, Drop }
#[derive(Debug, Clone, Copy)]
pub enum GaugeFold { Drop, Last, Max, Min }
impl ValueRules { pub(crate) fn apply<'v>(&self, value: &'v str, _: &'v mut String) -> Verdict<'v> { Verdict::Keep(value) } }
impl Default for Plan { fn default() -> Self { Self { rules: None, default: 100 } } }
impl Plan {
    pub(crate) fn label<'a>(&self, name: &'a str) -> Option<LabelPlan<'a>> {
        let is = |declared: &Cow<'_, str>| { let exposed = sanitize_label(declared); same_label(&exposed, name) };
        let (mut budget, mut protected) = (self.default, false);
        if let Some(rules) = &self.rules {
            budget = rules.budgets.iter().find(|(l, _)| is(l)).map_or(budget, |(_, b)| *b);
            protected = rules.protected.iter().any(is);
        }
        Some(LabelPlan { name: name.into(), budget, protected, values: None, drop_above: None })
    }
    pub(crate) fn max_labels(&self) -> Option<usize> { None }
    pub(crate) fn protects(&self) -> bool { self.rules.as_ref().is_some_and(|r| !r.protected.is_empty()) }
    pub(crate) fn pinned_combinations(&self) -> usize { 0 }
    pub(crate) fn hide_after(&self) -> Option<Duration> { None }
    pub(crate) fn gauge_fold(&self) -> GaugeFold { GaugeFold::Drop }
}
