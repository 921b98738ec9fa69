//! The units of the facade as UCUM codes.

use otel_core::registry::Unit;

/// The unit by the code that OTLP and the exposed name are made from.
///
/// A count has no unit: its code would be `1`, which Prometheus reads as a ratio.
pub(super) fn ucum(unit: metrics::Unit) -> Unit {
    use metrics::Unit as U;
    match unit {
        U::Count => Unit::NONE,
        U::Percent => Unit::new("%"),
        U::Seconds => Unit::SECONDS,
        U::Milliseconds => Unit::MILLISECONDS,
        U::Microseconds => Unit::new("us"),
        U::Nanoseconds => Unit::new("ns"),
        U::Tebibytes => Unit::new("TiBy"),
        U::Gibibytes => Unit::new("GiBy"),
        U::Mebibytes => Unit::new("MiBy"),
        U::Kibibytes => Unit::new("KiBy"),
        U::Bytes => Unit::BYTES,
        U::TerabitsPerSecond => Unit::new("Tbit/s"),
        U::GigabitsPerSecond => Unit::new("Gbit/s"),
        U::MegabitsPerSecond => Unit::new("Mbit/s"),
        U::KilobitsPerSecond => Unit::new("kbit/s"),
        U::BitsPerSecond => Unit::new("bit/s"),
        U::CountPerSecond => Unit::new("1/s"),
    }
}
