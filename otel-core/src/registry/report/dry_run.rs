//! What a policy would do, tried on the series there are.

/// What [`Registry::set_policies`](crate::registry::Registry::set_policies) would do now.
///
/// It is worked out from the series that exist. What they would have been called had the policy
/// been there from the start, and what will be written next, is not known.
#[derive(Clone, Debug)]
pub struct DryRun {
    pub(in crate::registry) families: Vec<FamilyDryRun>,
}

impl DryRun {
    /// The families whose policy would change, sorted by exposed name.
    #[must_use]
    pub fn families(&self) -> impl ExactSizeIterator<Item = &FamilyDryRun> {
        self.families.iter()
    }

    /// Series that would be exposed no longer.
    #[must_use]
    pub fn displaced(&self) -> usize {
        self.families.iter().map(FamilyDryRun::displaced).sum()
    }
}

/// One family in a [`DryRun`].
#[derive(Clone, Debug)]
pub struct FamilyDryRun {
    pub(in crate::registry) name: String,
    pub(in crate::registry) series: usize,
    pub(in crate::registry) kept: usize,
    pub(in crate::registry) label_sets: usize,
    pub(in crate::registry) exposed: bool,
}

impl FamilyDryRun {
    /// The exposed name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Series it has now.
    #[must_use]
    pub const fn series(&self) -> usize {
        self.series
    }

    /// Series that would go on as they are.
    #[must_use]
    pub const fn kept(&self) -> usize {
        self.kept
    }

    /// Series that would be exposed no longer: their writes would go elsewhere.
    #[must_use]
    pub const fn displaced(&self) -> usize {
        self.series - self.kept
    }

    /// Series the family would have once each label set of now was written again.
    #[must_use]
    pub const fn label_sets(&self) -> usize {
        self.label_sets
    }

    /// Whether the family would be exposed.
    #[must_use]
    pub const fn is_exposed(&self) -> bool {
        self.exposed
    }
}
