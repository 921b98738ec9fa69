//! Shares: which events a probability keeps.

use otel_core::opentelemetry::trace::TraceId;

/// Whether a trace is in a share, decided as the SDK's `TraceIdRatioBased` decides: for the same
/// share, the logs of exactly the traces that are sampled.
pub(super) fn has_trace(trace_id: TraceId, share: f64) -> bool {
    let [.., a, b, c, d, e, f, g, h] = trace_id.to_bytes();
    let low = u64::from_be_bytes([a, b, c, d, e, f, g, h]);
    share >= 1.0 || (low >> 1) < (share.max(0.0) * (1_u64 << 63) as f64) as u64
}

/// Whether a key is in a share: the same in every process and for ever.
pub(super) fn has_key(key: &str, share: f64) -> bool {
    // FNV-1a, then the finaliser of splitmix64, since the low bits of FNV mix better than the high.
    let hash = key.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let mixed = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    share >= 1.0 || ((mixed ^ (mixed >> 31)) >> 1) < (share.max(0.0) * (1_u64 << 63) as f64) as u64
}

/// Whether a draw is in a share.
pub(super) fn has_draw(share: f64) -> bool {
    share >= 1.0 || (share > 0.0 && fastrand::f64() < share)
}
