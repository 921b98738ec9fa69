//! The exposed name of a family.
//!
//! OTel names become Prometheus names by the compatibility rules of the OpenTelemetry
//! specification: invalid characters become `_`, runs of `_` become one, the unit is appended
//! unless it is there already. The `_total` of a counter belongs to its samples, not to its
//! family (OpenMetrics 1.0), so it is taken off here and added at exposition.

use super::{Kind, Unit};

/// Why a family name was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BadName;

/// The name of a family with the unit words in it, or [`BadName`].
pub(crate) fn exposed(name: &str, kind: Kind, unit: &Unit) -> Result<(String, String), BadName> {
    // 255 characters is the longest instrument name of the OTel metrics API.
    let speaks = name.contains(|c: char| c.is_ascii_alphanumeric());
    if name.len() > 255 || !speaks || name.contains(char::is_control) {
        return Err(BadName);
    }
    let mut exposed = sanitize(name);
    if kind == Kind::Counter
        && let Some(base) = exposed.strip_suffix("_total")
    {
        exposed.truncate(base.len());
    }
    let words = unit.words(kind == Kind::Gauge);
    if !words.is_empty() && exposed != words && !exposed.ends_with(&format!("_{words}")) {
        exposed.push('_');
        exposed.push_str(&words);
    }
    let reserved = ["target", "target_info", "otel_guard"].contains(&exposed.as_str());
    if reserved || exposed.is_empty() || exposed.starts_with(OWN_PREFIX) {
        return Err(BadName);
    }
    Ok((exposed, words))
}

/// Names that begin so are the registry's own.
pub(crate) const OWN_PREFIX: &str = "otel_guard_";

/// Characters outside `[a-zA-Z0-9_:]` become `_`, runs of `_` become one, and a name does not begin
/// with a digit.
pub(crate) fn sanitize(name: &str) -> String {
    let mut clean = String::with_capacity(name.len());
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        clean.push('_');
    }
    for c in name.chars() {
        if c.is_ascii_alphanumeric() || c == ':' {
            clean.push(c);
        } else if !clean.ends_with('_') {
            clean.push('_');
        }
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_are_exposed_by_the_compatibility_rules() {
        use Kind::{Counter, Gauge, Histogram, UpDownCounter};
        for (name, kind, unit, expected) in [
            (
                "http.server.request.duration",
                Histogram,
                "s",
                "http_server_request_duration_seconds",
            ),
            (
                "http.server.active_requests",
                UpDownCounter,
                "{request}",
                "http_server_active_requests",
            ),
            (
                "http.server.request.body.size",
                Histogram,
                "By",
                "http_server_request_body_size_bytes",
            ),
            ("requests", Counter, "", "requests"),
            ("requests_total", Counter, "", "requests"),
            ("requests.total", Counter, "{request}", "requests"),
            ("queue_total", Gauge, "", "queue_total"),
            ("cpu.utilization", Gauge, "1", "cpu_utilization_ratio"),
            ("retries", Counter, "1", "retries"),
            ("in.flight", UpDownCounter, "1", "in_flight"),
            ("cpu.time", Counter, "s", "cpu_time_seconds"),
            ("cpu_seconds_total", Counter, "s", "cpu_seconds"),
            ("lag", Gauge, "ms", "lag_milliseconds"),
            ("throughput", Gauge, "By/s", "throughput_bytes_per_second"),
            ("rate", Gauge, "{packet}/s", "rate_per_second"),
            ("rate", Gauge, "1/s", "rate_per_second"),
            ("heap", Gauge, "MiBy", "heap_mebibytes"),
            ("speed", Gauge, "kn", "speed_kn"),
            ("seconds", Gauge, "s", "seconds"),
            ("a--b..c  d", Gauge, "", "a_b_c_d"),
            ("a__b", Gauge, "", "a_b"),
            ("1st", Gauge, "", "_1st"),
            ("größe", Gauge, "", "gr_e"),
            ("job:errors:rate5m", Gauge, "", "job:errors:rate5m"),
        ] {
            let found = exposed(name, kind, &Unit::new(unit));
            assert_eq!(
                found.map(|(name, _)| name),
                Ok(expected.to_owned()),
                "{name}"
            );
        }
    }

    #[test]
    fn names_that_cannot_be_exposed_are_refused() {
        for name in [
            "",
            "___",
            "é",
            "a\nb",
            "target_info",
            "otel.guard.folded",
            &"x".repeat(256),
        ] {
            assert_eq!(
                exposed(name, Kind::Gauge, &Unit::NONE),
                Err(BadName),
                "{name}"
            );
        }
    }
}
