#!/usr/bin/env bash
# certs.sh DIR: SVIDs for `storefront --tls-dir DIR`, valid for two days: the storefront in one trust
# domain, the inventory in another, and a client of each to call with.
set -euo pipefail
mkdir -p "$1" && cd "$1"

authority() { # NAME TRUST_DOMAIN
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 \
        -keyout "$1.ca.key" -out "$2.bundle.pem" -subj "/O=$2" \
        -addext keyUsage=critical,keyCertSign,cRLSign -addext "subjectAltName=URI:spiffe://$2" 2>/dev/null
}

svid() { # NAME AUTHORITY TRUST_DOMAIN PATH
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
        -keyout "$1.key" -out "$1.csr" -subj "/O=$3/CN=$1" 2>/dev/null
    openssl x509 -req -in "$1.csr" -CA "$3.bundle.pem" -CAkey "$2.ca.key" -days 2 -out "$1.pem" \
        -set_serial "0x$(openssl rand -hex 12)" -extfile <(printf '%s\n' \
        basicConstraints=critical,CA:FALSE keyUsage=critical,digitalSignature \
        extendedKeyUsage=serverAuth,clientAuth "subjectAltName=DNS:localhost,URI:spiffe://$3$4") 2>/dev/null
    rm "$1.csr"
}

authority prod prod.example.org
authority partner partner.example.net
svid storefront prod prod.example.org /ns/shop/sa/storefront
svid inventory partner partner.example.net /ns/stock/sa/inventory
svid client prod prod.example.org /ns/shop/sa/web
svid stranger partner partner.example.net /ns/other
