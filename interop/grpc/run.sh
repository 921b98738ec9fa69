#!/usr/bin/env bash
# The gRPC layers against grpcio, directly and, if an Envoy is named, through it.
#
#   PYTHON=venv/bin/python interop/grpc/run.sh [ENVOY]
#
# PYTHON needs the package grpcio.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
cargo build -p otel-grpc --examples
exec "${PYTHON:-python3}" "$here/check.py" "${CARGO_TARGET_DIR:-target}/debug/examples" "$@"
