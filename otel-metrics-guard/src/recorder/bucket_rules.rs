//! Which buckets a histogram gets, by its name.

use otel_core::registry::Buckets;

use super::names::spoken;

#[derive(Debug)]
pub(crate) struct BucketRules {
    default: Buckets,
    /// Longest name first.
    named: Vec<(String, Buckets)>,
}

impl BucketRules {
    pub(crate) const fn new(default: Buckets) -> Self {
        Self {
            default,
            named: Vec::new(),
        }
    }

    pub(super) fn set_default(&mut self, buckets: Buckets) {
        self.default = buckets;
    }

    pub(crate) fn set(&mut self, name: &str, buckets: Buckets) {
        let name = spoken(name);
        self.named.retain(|(other, _)| *other != name);
        let place = self
            .named
            .partition_point(|(other, _)| other.len() >= name.len());
        self.named.insert(place, (name, buckets));
    }

    /// The buckets for a name as [`spoken`].
    pub(super) fn get(&self, name: &str) -> Buckets {
        self.find(name).unwrap_or(&self.default).clone()
    }

    /// The buckets somebody chose for a name, however it is spelled.
    pub(crate) fn chosen(&self, name: &str) -> Option<&Buckets> {
        self.find(&spoken(name))
    }

    fn find(&self, name: &str) -> Option<&Buckets> {
        let covers = |rule: &str| {
            name.strip_prefix(rule)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('_') || rule.ends_with('_'))
        };
        let rule = self.named.iter().find(|(rule, _)| covers(rule));
        rule.map(|(_, buckets)| buckets)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_name_that_ends_at_a_word_wins() {
        let of = |bound: f64| Buckets::explicit(&[bound]).unwrap();
        let mut rules = BucketRules::new(of(0.0));
        rules.set("http", of(9.0));
        rules.set("http", of(1.0));
        rules.set("http.server.request", of(3.0));
        rules.set("http_server", of(2.0));
        rules.set("db.", of(4.0));
        for (name, bound) in [
            ("http", 1.0),
            ("http_client_duration", 1.0),
            ("https", 0.0),
            ("http_server_duration", 2.0),
            ("http_server_request_size", 3.0),
            ("http_server_requests", 2.0),
            ("db_pool_wait", 4.0),
            ("db", 0.0),
            ("grpc_http", 0.0),
        ] {
            assert_eq!(rules.get(name), of(bound), "{name}");
        }
    }
}
