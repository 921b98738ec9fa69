//! The registry: families by name.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use super::any_family::{Unexposed, of_kind};
use super::descriptor::LabelRules;
use super::directory::{Directory, same_scope, same_unit};
use super::facts::{Facts, Scope};
use super::family::{Family, Instrument};
use super::family_core::Core;
use super::own::Own;
use super::report::{ConflictReason, FamilyReport};
use super::series::Cell;
use super::shared::Shared;
use super::snapshot::FamilySnapshot;
use super::source::Sources;
use super::{
    Buckets, Counter, Descriptor, DryRun, ExemplarFilter, FloatCounter, FloatUpDownCounter, Gauge,
    Histogram, Info, Kind, Observer, Report, Snapshot, Source, StateSet, UpDownCounter, name,
};
use crate::ConfigError;
use crate::cardinality::{Budget, Plan, PolicySet};
use crate::clock::{Clock, SystemClock};

/// Holds every series of a process under a budget. Cheap to clone; clones are the same registry.
///
/// Registration is idempotent: the same name and kind is the same family, with the facts given
/// first. A registration that cannot be had as asked never fails; it returns a family that works and
/// is not exposed, or the one that was there, and is listed in [`report`](Self::report).
///
/// ```
/// use otel_core::registry::{Buckets, Descriptor, Registry, Unit};
///
/// let registry = Registry::new();
/// let duration = registry.histogram(
///     Descriptor::new("http.server.request.duration").with_unit(Unit::SECONDS),
///     Buckets::semconv_seconds(),
/// );
/// duration.record(&[("http.request.method", "GET")], 0.0124);
/// assert_eq!(duration.name(), "http_server_request_duration_seconds");
/// ```
#[derive(Clone)]
pub struct Registry {
    inner: Arc<Inner>,
}

struct Inner {
    shared: Arc<Shared>,
    directory: Mutex<Directory>,
    policies: Mutex<PolicySet>,
    unexposed: Unexposed,
    own: Own,
    sources: Arc<Sources>,
}

impl Registry {
    /// A registry with the default budget, the system clock and exemplars from sampled spans.
    #[must_use]
    pub fn new() -> Self {
        RegistryBuilder::default().assemble()
    }

    /// A registry of your own making.
    pub fn builder() -> RegistryBuilder {
        RegistryBuilder::default()
    }

    /// A family of sums that only grow. Its samples are exposed with `_total`.
    pub fn counter(&self, descriptor: impl Into<Descriptor>) -> Family<Counter> {
        self.register(descriptor.into(), Buckets::none())
    }

    /// A family of sums that only grow and are not whole.
    ///
    /// The name of a [`counter`](Self::counter) is taken for it, and the other way round.
    pub fn float_counter(&self, descriptor: impl Into<Descriptor>) -> Family<FloatCounter> {
        self.register(descriptor.into(), Buckets::none())
    }

    /// A family of sums that may fall.
    pub fn up_down_counter(&self, descriptor: impl Into<Descriptor>) -> Family<UpDownCounter> {
        self.register(descriptor.into(), Buckets::none())
    }

    /// A family of sums that may fall and are not whole.
    ///
    /// The name of an [`up_down_counter`](Self::up_down_counter) is taken for it, and the other way
    /// round.
    pub fn float_up_down_counter(
        &self,
        descriptor: impl Into<Descriptor>,
    ) -> Family<FloatUpDownCounter> {
        self.register(descriptor.into(), Buckets::none())
    }

    /// A family of values at an instant.
    pub fn gauge(&self, descriptor: impl Into<Descriptor>) -> Family<Gauge> {
        self.register(descriptor.into(), Buckets::none())
    }

    /// A family of distributions.
    pub fn histogram(
        &self,
        descriptor: impl Into<Descriptor>,
        buckets: Buckets,
    ) -> Family<Histogram> {
        self.register(descriptor.into(), buckets)
    }

    /// A family of facts. Its samples are exposed with `_info`.
    pub fn info(&self, descriptor: impl Into<Descriptor>) -> Family<Info> {
        self.register(descriptor.into(), Buckets::none())
    }

    /// A family of states, of which something is in one or several.
    pub fn state_set<S: AsRef<str>>(
        &self,
        descriptor: impl Into<Descriptor>,
        states: impl IntoIterator<Item = S>,
    ) -> StateSet {
        let family = self.register(descriptor.into(), Buckets::none());
        let states = states.into_iter().map(|state| state.as_ref().into());
        StateSet::new(family, states.collect())
    }

    /// Has `report` asked for numbers that are kept elsewhere, whenever the registry is
    /// [collected](Self::collect), at most once a second; a new source is asked by the next
    /// collection.
    ///
    /// It runs on the thread that collects, so it should not wait for anything. No lock is held: it
    /// may register families and even collect, which then does not ask anyone. One that panics is
    /// caught and counted, and taken out after the third time. Let it hold families, not the
    /// registry, which would keep itself alive.
    ///
    /// ```
    /// use otel_core::registry::Registry;
    /// # struct Pool; impl Pool { fn idle(&self) -> i64 { 3 } fn opened(&self) -> u64 { 7 } }
    /// # let pool = Pool;
    /// let registry = Registry::new();
    /// let (idle, opened) = (registry.up_down_counter("pool.idle"), registry.counter("pool.opened"));
    /// let source = registry.add_source(move |observer| {
    ///     observer.sum(&idle, &[("pool", "db")], pool.idle());
    ///     observer.total(&opened, &[("pool", "db")], pool.opened());
    /// });
    /// # let snapshot = registry.collect();
    /// # let series = snapshot.family("pool_opened").unwrap().series().next().unwrap();
    /// # assert_eq!(series.value().as_counter(), Some(7));
    /// source.detach(); // or keep it, and drop it with the pool
    /// ```
    pub fn add_source(&self, report: impl Fn(&Observer) + Send + Sync + 'static) -> Source {
        self.inner.sources.add(report)
    }

    /// The families and series of this moment, for an exposition.
    ///
    /// Asks the [sources](Self::add_source) if that was not done within a second. Apart from them
    /// it costs a few nanoseconds a family, and a sort where series were added since the last time.
    /// The lock of the registry is held only while the list of families is copied.
    #[must_use]
    pub fn collect(&self) -> Snapshot {
        self.inner.sources.run(self.inner.shared.since_start());
        let (mut families, conflicts) = {
            let directory = self.directory();
            (directory.families().to_vec(), directory.conflict_counts())
        };
        let limit = self.inner.shared.budget.process_series();
        families.retain(|family| {
            family.maintain();
            !family.is_hidden()
        });
        let faults = self.inner.sources.fault_counts();
        let own = self.inner.own.update(&families, conflicts, faults, limit);
        families.extend_from_slice(own);
        families.sort_by(|a, b| a.facts().exposed.cmp(&b.facts().exposed));
        let families = families.into_iter().map(FamilySnapshot::new).collect();
        self.inner
            .shared
            .window
            .advance(self.inner.shared.since_start());
        Snapshot::new(families, self.inner.shared.clock.wall())
    }

    /// What the guard did so far.
    #[must_use]
    pub fn report(&self) -> Report {
        let directory = self.directory();
        Report {
            families: directory
                .families()
                .iter()
                .map(|family| FamilyReport::new(&**family))
                .collect(),
            conflicts: directory.conflicts().to_vec(),
            conflict_counts: directory.conflict_counts(),
            series_budget: self.inner.shared.budget.process_series(),
            bytes: self.inner.shared.bytes(),
            bytes_budget: self.inner.shared.budget.process_bytes(),
            sources: self.inner.sources.len(),
            source_faults: self.inner.sources.fault_counts(),
        }
    }

    /// Takes a family out of the exposition, by the name it is exposed under; whether it was there.
    ///
    /// Those who hold it go on writing; their writes are counted as
    /// [orphans](super::Event::OrphanWrite). When the name is registered again the family comes
    /// back with the totals it has by then.
    #[expect(clippy::must_use_candidate, reason = "done for what it does")]
    pub fn unregister(&self, exposed: &str) -> bool {
        let family = self.directory().get(exposed).cloned();
        family.is_some_and(|family| family.unregister())
    }

    fn register<K: Instrument>(&self, descriptor: Descriptor, buckets: Buckets) -> Family<K> {
        let kind = K::Cell::KIND;
        let named = name::exposed(&descriptor.name, kind, &descriptor.unit);
        let mut directory = self.directory();
        let Ok((exposed, unit_words)) = named else {
            directory.conflict(&descriptor.name, ConflictReason::Name);
            return self.unexposed();
        };
        if let Some(family) = directory.get(&exposed) {
            let Some(core) = of_kind::<K::Cell>(family) else {
                directory.conflict(&exposed, ConflictReason::Kind);
                return self.unexposed();
            };
            if !same_unit(&core.facts().unit, &descriptor.unit) {
                directory.conflict(&exposed, ConflictReason::Unit);
            }
            if core.facts().buckets != buckets {
                directory.conflict(&exposed, ConflictReason::Buckets);
            }
            if !same_scope(core.facts().scope().0, &descriptor.scope) {
                directory.conflict(&exposed, ConflictReason::Scope);
            }
            core.facts().set_help(&descriptor.help);
            core.register_again();
            return Family::new(core);
        }
        if directory.clashes(&exposed, kind) {
            directory.conflict(&exposed, ConflictReason::Samples);
            return self.unexposed();
        }
        let shared = &self.inner.shared;
        let room = directory.families().len() < shared.budget.families() && shared.has_bytes();
        let plan = self.policies().plan(&exposed);
        let core = Arc::new(self.core(descriptor, exposed, &unit_words, buckets, plan));
        // The series of last resort and those of pinned values have their room from the start.
        if !room || !self.inner.shared.reserve_series(core.current().set_aside()) {
            directory.conflict(&core.facts().exposed, ConflictReason::Budget);
            return self.unexposed();
        }
        self.inner.shared.charge_bytes(core.own_bytes());
        directory.add(Arc::clone(&core) as _);
        Family::new(core)
    }

    fn core<C: Cell>(
        &self,
        descriptor: Descriptor,
        exposed: String,
        unit_words: &str,
        buckets: Buckets,
        plan: Plan,
    ) -> Core<C> {
        let budget = &self.inner.shared.budget;
        let default = match C::KIND {
            Kind::Histogram => budget.histogram_series(),
            _ => budget.family_series(),
        };
        let (scope, ruled) = (
            scope(&descriptor),
            descriptor.rules != LabelRules::default(),
        );
        let facts = Facts {
            original: (*descriptor.name != *exposed).then(|| descriptor.name.as_ref().into()),
            exposed: exposed.into(),
            kind: C::KIND,
            unit: descriptor.unit,
            unit_words: u8::try_from(unit_words.len()).unwrap_or_default(),
            scope,
            help: OnceLock::new(),
            buckets,
            rules: ruled.then(|| Box::new(descriptor.rules)),
            series_budget: Budget::clamp_series(descriptor.series.unwrap_or(default)),
        };
        facts.set_help(&descriptor.help);
        Core::new(&self.inner.shared, facts, plan)
    }

    /// The family that takes what cannot be exposed: one series, no label names.
    fn unexposed<K: Instrument>(&self) -> Family<K> {
        Family::new(self.inner.unexposed.of_kind(|| {
            let facts = Facts {
                exposed: Box::default(),
                original: None,
                kind: K::Cell::KIND,
                unit: super::Unit::NONE,
                unit_words: 0,
                scope: None,
                help: OnceLock::new(),
                buckets: Buckets::none(),
                rules: None,
                series_budget: 1,
            };
            Core::new(&self.inner.shared, facts, PolicySet::default().plan(""))
        }))
    }

    /// The policies of now.
    #[must_use]
    pub fn policies(&self) -> PolicySet {
        let policies = self.inner.policies.lock();
        policies.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Replaces the policies; how many families that concerned.
    ///
    /// A series whose label set is still as it was goes on. One that now has other labels, or no room,
    /// is exposed no longer; what its handles write goes where the new policy says, and its total
    /// stays in the [report](Self::report). No series is exposed with a smaller total than before.
    pub fn set_policies(&self, policies: PolicySet) -> usize {
        let planned: Vec<_> = {
            let directory = self.directory();
            let families = directory.families().iter();
            let planned = families.map(|family| {
                let plan = policies.plan(&family.facts().exposed);
                (Arc::clone(family), plan)
            });
            let planned = planned.collect();
            // Families that are registered from here on have their plan from the new set.
            let held = self.inner.policies.lock();
            *held.unwrap_or_else(PoisonError::into_inner) = policies;
            planned
        };
        let replanned = planned
            .into_iter()
            .map(|(family, plan)| family.replan(plan));
        replanned.filter(|replanned| *replanned).count()
    }

    /// What [`set_policies`](Self::set_policies) would do to the series of now, without doing it.
    ///
    /// ```
    /// use otel_core::cardinality::{Policy, PolicySet};
    /// use otel_core::registry::Registry;
    ///
    /// let registry = Registry::new();
    /// let requests = registry.counter("requests");
    /// for path in ["/a", "/b", "/c"] {
    ///     requests.add(&[("path", path), ("status", "200")], 1);
    /// }
    /// let policy = Policy::new().with_dropped_labels(["path"]);
    /// let tried = registry.dry_run(&PolicySet::builder().with_default(policy).build()?);
    /// let family = tried.families().next().unwrap();
    /// assert_eq!((family.series(), family.displaced(), family.label_sets()), (3, 3, 1));
    /// # Ok::<(), otel_core::ConfigError>(())
    /// ```
    #[must_use]
    pub fn dry_run(&self, policies: &PolicySet) -> DryRun {
        let families = self.directory().families().to_vec();
        let tried = families
            .iter()
            .filter_map(|family| family.try_plan(policies.plan(&family.facts().exposed)));
        DryRun {
            families: tried.collect(),
        }
    }

    fn directory(&self) -> MutexGuard<'_, Directory> {
        self.inner
            .directory
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Registry {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry")
            .field("families", &self.directory().families().len())
            .finish_non_exhaustive()
    }
}

fn scope(descriptor: &Descriptor) -> Option<Box<Scope>> {
    let given = !descriptor.scope.is_empty() || !descriptor.scope_version.is_empty();
    given.then(|| {
        Box::new(Scope {
            name: descriptor.scope.as_ref().into(),
            version: descriptor.scope_version.as_ref().into(),
        })
    })
}

/// Builds a [`Registry`].
///
/// ```
/// use otel_core::cardinality::Budget;
/// use otel_core::registry::Registry;
///
/// let registry = Registry::builder().with_budget(Budget::edge()).build()?;
/// # let _ = registry;
/// # Ok::<(), otel_core::ConfigError>(())
/// ```
#[derive(Debug)]
#[must_use = "a builder does nothing until it is built"]
pub struct RegistryBuilder {
    budget: Budget,
    clock: Arc<dyn Clock>,
    exemplars: ExemplarFilter,
    policies: PolicySet,
}

impl RegistryBuilder {
    /// How much the registry may hold.
    pub fn with_budget(mut self, budget: Budget) -> Self {
        self.budget = budget;
        self
    }

    /// What is worth keeping; it can be [replaced](Registry::set_policies) while the process runs.
    pub fn with_policies(mut self, policies: PolicySet) -> Self {
        self.policies = policies;
        self
    }

    /// The clock that dates series and exemplars.
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Which measurements may become exemplars.
    pub const fn with_exemplars(mut self, filter: ExemplarFilter) -> Self {
        self.exemplars = filter;
        self
    }

    /// The registry.
    ///
    /// # Errors
    ///
    /// When a number of the budget is zero or too large.
    pub fn build(self) -> Result<Registry, ConfigError> {
        self.budget.check()?;
        Ok(self.assemble())
    }

    fn assemble(self) -> Registry {
        Registry {
            inner: Arc::new(Inner {
                own: Own::new(&self.clock),
                shared: Arc::new(Shared::new(self.budget, self.clock, self.exemplars)),
                directory: Mutex::default(),
                policies: Mutex::new(self.policies),
                unexposed: Unexposed::default(),
                sources: Arc::default(),
            }),
        }
    }
}

impl Default for RegistryBuilder {
    fn default() -> Self {
        Self {
            budget: Budget::default(),
            clock: Arc::new(SystemClock::new()),
            exemplars: ExemplarFilter::default(),
            policies: PolicySet::default(),
        }
    }
}
