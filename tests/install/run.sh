#!/usr/bin/env bash
# A release used from outside the tree, and what the README has people type in a checkout. The last line is
# "N passed, M failed".
#   run.sh BUILD-FOLDER
set -euo pipefail
build=$(cd "$1" && pwd)
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=tests/checks.sh
. tests/checks.sh

check "check-install.sh" tests/install/check-install.sh "$build" || true
check "check-checkout.sh" tests/install/check-checkout.sh "$build" || true
finish
