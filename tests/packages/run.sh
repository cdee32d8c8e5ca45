#!/usr/bin/env bash
# What a release consists of: builds it, twice, and uses it from outside the tree. Each check counts as one; the
# last line is "N passed, M failed".
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=tests/checks.sh
. tests/checks.sh

check "check-table.sh" tests/packages/check-table.sh || true
check "check-refusals.sh" tests/packages/check-refusals.sh || true
check "release.sh" packaging/release.sh || finish
check "check-dist.sh" tests/packages/check-dist.sh || true
check "check-tarball.sh" tests/packages/check-tarball.sh || true
check "check-deb.sh" tests/packages/check-deb.sh || true
check "check-same-bytes.sh" tests/packages/check-same-bytes.sh || true
finish
