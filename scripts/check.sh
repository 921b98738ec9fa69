#!/usr/bin/env bash
# Checks everything, cheapest first. `scripts/check.sh` runs all steps, `scripts/check.sh STEP...` some.
set -euo pipefail
cd "$(dirname "$0")/.."

steps=(fmt versions direction clippy test doctest docs features fuzz benches msrv)
libraries=(otel-core otel-http otel-grpc otel-log-bridge otel-metrics-guard)

fmt() { cargo fmt --all -- --check; }

# Two versions of one of these in a tree do not meet: spans and context are then silently torn.
versions() {
    local crate found
    for crate in opentelemetry opentelemetry_sdk http metrics; do
        found=$(cargo tree --workspace --all-features -e normal,build --prefix none |
            { grep -oE "^$crate v[0-9.]+" || true; } | sort -u)
        if [ "$(grep -c . <<<"$found")" -gt 1 ]; then
            printf 'more than one version of %s:\n%s\n' "$crate" "$found" >&2
            return 1
        fi
    done
}

# The libraries depend on otel-core and never on each other, and on the SDK only behind a feature.
direction() {
    local library
    for library in "${libraries[@]}"; do
        if cargo tree -p "$library" -e normal --prefix none |
            grep -E "^(otel-(http|grpc|log-bridge|metrics-guard)|opentelemetry_sdk) v" |
            grep -vE "^$library v"; then
            printf '%s must not depend on the above\n' "$library" >&2
            return 1
        fi
    done
}

clippy() { cargo clippy --workspace --all-targets --all-features -- -D warnings; }

test() { cargo test --workspace --all-features --lib --bins --tests; }

doctest() { cargo test --workspace --all-features --doc; }

docs() { RUSTDOCFLAGS="-D warnings" cargo doc --workspace --all-features --no-deps; }

# Each library alone, with each of its features alone.
features() {
    local library
    for library in "${libraries[@]}"; do
        cargo hack check --package "$library" --each-feature
    done
}

# A few seconds of every fuzz target; each takes --seconds for more.
fuzz() {
    local target
    for target in fuzz/src/bin/*.rs; do
        cargo run --quiet --release --locked --manifest-path fuzz/Cargo.toml \
            --bin "$(basename "$target" .rs)" -- --seconds 3
    done
}

# Their figures are for a quiet machine; that they still compile is checked here.
benches() { cargo check --locked --manifest-path benches/Cargo.toml; }

# The oldest compiler that is promised, where it is installed; clippy checks the standard library's
# part of the promise in any case.
msrv() {
    local version
    version=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
    if cargo "+$version" --version >/dev/null 2>&1; then
        cargo "+$version" check --workspace --all-features
    else
        printf 'msrv: Rust %s is not installed here, skipped\n' "$version"
    fi
}

for step in "${@:-${steps[@]}}"; do
    printf '\n== %s\n' "$step"
    "$step"
done
