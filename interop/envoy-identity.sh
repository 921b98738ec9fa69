#!/usr/bin/env bash
# envoy-identity.sh: the storefront behind a real Envoy, in each mode it has for x-forwarded-client-cert.
#
# In no mode may the header that a client without a certificate has forged be believed; where Envoy writes the
# header, fingerprint, serial number and SPIFFE ID must be those openssl reads. Needs curl, jq, openssl and Envoy;
# ENVOY names its binary. Exits with the number of rows that were not as they should be.
set -euo pipefail
cd "$(dirname "$0")/.."

envoy=${ENVOY:-envoy}
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait; rm -rf "$work"' EXIT
cargo build --quiet -p storefront
storefront=${CARGO_TARGET_DIR:-target}/debug/storefront
examples/storefront/certs.sh "$work/certs"
web=spiffe://prod.example.org/ns/shop/sa/web
admin=spiffe://prod.example.org/ns/shop/sa/admin
forged="By=spiffe://prod.example.org/ns/shop/sa/storefront;URI=$admin"
fingerprint=$(openssl x509 -in "$work/certs/client.pem" -outform der | sha256sum | cut -d' ' -f1)
serial=$(openssl x509 -in "$work/certs/client.pem" -noout -serial | cut -d= -f2 | tr A-F a-f | sed 's/^\(00\)*//')
read -r http grpc admin_port tls plain envoy_admin < <(python3 - <<'P'
import socket
sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(6)]
print(*(s.getsockname()[1] for s in sockets))
P
)

# A listener that leads to the storefront: NAME PORT MODE [transport socket]
listener() {
    cat <<Y
  - name: $1
    address: {socket_address: {address: 127.0.0.1, port_value: $2}}
    filter_chains:
    - filters:
      - name: envoy.filters.network.http_connection_manager
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: $1
          forward_client_cert_details: $3
          set_current_client_cert_details: {subject: true, cert: true, uri: true, dns: true}
          http_filters:
          - name: envoy.filters.http.router
            typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}
          route_config:
            virtual_hosts:
            - {name: all, domains: ["*"], routes: [{match: {prefix: /}, route: {cluster: storefront}}]}
${4:-}
Y
}

configuration() { # MODE
    local secure="      transport_socket:
        name: envoy.transport_sockets.tls
        typed_config:
          \"@type\": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext
          require_client_certificate: true
          common_tls_context:
            tls_certificates:
            - certificate_chain: {filename: $work/certs/storefront.pem}
              private_key: {filename: $work/certs/storefront.key}
            validation_context: {trusted_ca: {filename: $work/certs/prod.example.org.bundle.pem}}"
    cat <<Y
admin: {address: {socket_address: {address: 127.0.0.1, port_value: $envoy_admin}}}
static_resources:
  listeners:
$(listener tls "$tls" "$1" "$secure")
$(listener plain "$plain" "$1")
  clusters:
  - name: storefront
    type: STATIC
    load_assignment:
      cluster_name: storefront
      endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: $http}}}}]}]
Y
}

until_up() { # URL
    for _ in $(seq 100); do curl -fso /dev/null "$1" && return; sleep 0.1; done
    echo "$1 does not answer" >&2
    exit 99
}

wrong=0
row() { # MODE CALLER EXPECTED CURL_ARGUMENTS...
    local mode=$1 caller=$2 expected=$3 got
    shift 3
    got=$(curl -sk "$@" | jq -r '.peer | if . == null then "nobody" else [.spiffe_id, .fingerprint, .serial] | join(" ") end')
    if [ "$got" = "$expected" ]; then printf 'ok     %-20s %s\n' "$mode" "$caller"; else
        printf 'WRONG  %-20s %s: %s\n' "$mode" "$caller" "$got"; wrong=$((wrong + 1)); fi
}

for mode in SANITIZE SANITIZE_SET APPEND_FORWARD FORWARD_ONLY ALWAYS_FORWARD_ONLY; do
    # What an operator may say of a proxy in that mode: in the last two it writes nothing, and is not named.
    case $mode in
    SANITIZE | SANITIZE_SET) believe=set ;;
    APPEND_FORWARD) believe=append ;;
    *) believe=none ;;
    esac
    case $mode in
    SANITIZE_SET | APPEND_FORWARD) known="$web $fingerprint $serial" ;;
    *) known=nobody ;;
    esac
    "$storefront" --tls-dir "$work/certs" --xfcc "$believe" --http "127.0.0.1:$http" --grpc "127.0.0.1:$grpc" \
        --admin "127.0.0.1:$admin_port" >"$work/storefront.out" 2>&1 &
    program=$!
    configuration "$mode" >"$work/envoy.yaml"
    "$envoy" -c "$work/envoy.yaml" --concurrency 1 --disable-hot-restart -l error >"$work/envoy.out" 2>&1 &
    proxy=$!
    until_up "http://127.0.0.1:$envoy_admin/ready"
    until_up "http://127.0.0.1:$http/healthz"
    client=(--cert "$work/certs/client.pem" --key "$work/certs/client.key")
    header=(-H "x-forwarded-client-cert: $forged")
    row "$mode" "no certificate, forged header" nobody "${header[@]}" "http://127.0.0.1:$plain/echo"
    row "$mode" "no certificate" nobody "http://127.0.0.1:$plain/echo"
    row "$mode" "certificate, forged header" "$known" "${client[@]}" "${header[@]}" "https://127.0.0.1:$tls/echo"
    row "$mode" "certificate" "$known" "${client[@]}" "https://127.0.0.1:$tls/echo"
    kill "$program" "$proxy"
    wait "$program" "$proxy" 2>/dev/null || true
done
exit "$wrong"
