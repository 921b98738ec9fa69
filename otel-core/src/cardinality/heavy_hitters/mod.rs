//! Which of the values that were folded weigh most.
//!
//! A budget that admits whoever comes first lets a scan starve the routes that matter. SpaceSaving
//! (Metwally et al. 2005) finds the heavy ones among any number in fixed memory: a value that is not
//! among the entries takes the place of the lightest and inherits its weight as a possible error.
//!
//! For every value, in weights that are halved with each window: `true <= weight` and
//! `weight - error <= true` if it has an entry, and it has one if `true > total / capacity`. Nothing
//! is allocated after construction, and no entry holds the text of a value.

mod hash_index;
#[expect(
    clippy::module_inception,
    reason = "the file is named for the type in it"
)]
mod heavy_hitters;
#[cfg(test)]
mod tests;

pub(crate) use heavy_hitters::{HeavyHitter, HeavyHitters};
