#!/usr/bin/env bash
# Runs each fuzz target for some seconds from its corpus. Findings stay beside the target.
#   run-fuzzers.sh FOLDER-OF-TARGETS SECONDS
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
targets=$1
seconds=$2

count=0
for source in "$here"/*.cc; do
  [[ -e $source ]] || continue
  name=$(basename "$source" .cc)
  corpus=$here/corpus/$name
  if [[ ! -d $corpus ]]; then
    echo "fuzz: $name has no corpus folder" >&2
    exit 1
  fi
  echo "== $name"
  # What libFuzzer finds new goes to the first folder; the corpus itself stays as it is.
  mkdir -p "$targets/found/$name"
  "$targets/$name" -max_total_time="$seconds" -timeout=5 -rss_limit_mb=2048 -print_final_stats=1 \
    -artifact_prefix="$targets/found/$name-" "$targets/found/$name" "$corpus"
  count=$((count + 1))
done
echo "$count targets, $seconds s each"
