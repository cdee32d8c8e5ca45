#!/usr/bin/env bash
# Builds the examples, and plays with each as ../examples.sh says.
#   run-examples.sh [NAME...]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=tests/go/environment.sh
. tests/go/environment.sh
# shellcheck source=tests/examples.sh
. tests/examples.sh

# Each in its own folder, since one is a module of its own.
build() { (cd "go/examples/$1" && go vet . && go build -o "$2/" .); }

names=("$@")
if (($# == 0)); then mapfile -t names < <(cd go/examples && printf '%s\n' */ | tr -d /); fi
play_examples "${names[@]}"
