#!/bin/sh
# Builds the verifier of tests/verifiers: tools/verifier.sh FILE.
#
# Takes Debian's Go (golang-go) and its library (golang-golang-x-mod-dev); asks no network and leaves
# nothing but FILE.  Exit status 3: they are not installed.
set -eu

GOPATH="${AZUKARI_GOPATH:-/usr/share/gocode}"
if ! command -v go >/dev/null 2>&1 || [ ! -d "$GOPATH/src/golang.org/x/mod/sumdb/tlog" ]; then
    echo "verifier: golang-go and golang-golang-x-mod-dev are not installed" >&2
    exit 3
fi
[ "$#" = 1 ] || { echo "verifier: the file to build is expected" >&2; exit 2; }
mkdir -p "$(dirname "$1")"
to="$(cd "$(dirname "$1")" && pwd)/$(basename "$1")"
GOCACHE="$(mktemp -d)"
trap 'rm -rf "$GOCACHE"' EXIT
cd "$(dirname "$0")/../tests/verifiers"
export GOPATH GOCACHE GO111MODULE=off GOFLAGS= GOPROXY=off
go build -o "$to" .
