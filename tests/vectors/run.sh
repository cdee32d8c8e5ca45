#!/usr/bin/env bash
# Builds the runners of all languages and runs every vector in each; proves by mutations that each notices; and
# ends with a table, language × group. Vectors count as tests; the last line is "N passed, M failed".
#   run.sh BUILD-FOLDER      a release with its tests
# shellcheck disable=SC2317  # check calls the functions here
set -euo pipefail
build=$(cd "$1" && pwd)
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=tests/go/environment.sh
. tests/go/environment.sh
# shellcheck source=tests/checks.sh
. tests/checks.sh

root=$PWD
tools=$root/tests/vectors/tools
files=("$root"/tests/vectors/*.json)
work=$root/build/vectors
rm -rf "$work"
mkdir -p "$work"
cmake --install "$build" --prefix "$work/prefix" >/dev/null
library=$(dirname "$(find "$work/prefix" -name libnetstack.so)")
python=$(packaging/make-python-tools.sh)/bin/python
languages=(c cxx python go rust)

# These two are built with the tests.
build_c() { ls "$build/bin/netstack_vectors_c"; }
build_cxx() { ls "$build/bin/netstack_vectors_cxx"; }
build_python() { tests/python/make-site.sh; }
build_go() {
  PKG_CONFIG_PATH=$library/pkgconfig go build -tags netstack_system -o "$work/go" ./tests/vectors/go
}
build_rust() {
  packaging/find-rust.sh >/dev/null && CARGO_HOME=$root/build/rust/cargo CARGO_TARGET_DIR=$root/build/rust/target \
    CARGO_BUILD_JOBS=${NETSTACK_JOBS:-$(nproc)} NETSTACK_SYS_SYSTEM=1 PKG_CONFIG_PATH=$library/pkgconfig \
    cargo build --quiet --locked --manifest-path rust/Cargo.toml --package netstack-vectors
}

# runner LANGUAGE FILE...
runner() {
  local language=$1
  shift
  case $language in
    c | cxx) "$build/bin/netstack_vectors_$language" "$@" ;;
    python) PYTHONPATH=$root/build/python-tests/site "$python" tests/vectors/python/runner.py "$@" ;;
    go) LD_LIBRARY_PATH=$library "$work/go" "$@" ;;
    rust) LD_LIBRARY_PATH=$library "$root/build/rust/target/debug/netstack-vectors" "$@" ;;
  esac
}

# What a runner says of vectors with a word, on stdin, becomes their names.
names() { sed -nE "s/^$1 ([^:]*: [^:]*)(: .*)?\$/\1/p" | sort; }

# Each vector is there, and held.
run_vectors() {
  local language=$1 status=0 good
  echo "== vectors, $language"
  runner "$language" "${files[@]}" >"$work/$language.out" || status=$?
  grep -v '^ok ' "$work/$language.out" || true
  good=$(names ok <"$work/$language.out" | wc -l)
  # A vector that a runner left out has failed.
  add_tests "vectors, $language" "$status" "$good" $((count - good))
}

# The checker finds what is wrong with answers and with what is seen; of counters it knows nothing.
check_notices() {
  local name
  "$python" "$tools/check.py" "$work/mutations/a counter that is higher"/*.json || return 1
  for name in "the last byte of an answer" "the first byte of an answer" "an answer with a byte more" \
    "the sender that is seen" "the sequence number that is seen"; do
    if "$python" "$tools/check.py" "$work/mutations/$name"/*.json 2>/dev/null; then
      echo "check.py: $name: not noticed" >&2
      return 1
    fi
  done
}

# Each mutation is noticed in each vector that was changed.
notices() {
  local language=$1 folder status bad=0
  for folder in "$work"/mutations/*/; do
    status=0
    runner "$language" "$folder"*.json >"$work/mutated.out" || status=$?
    if ((status != 1)) || ! diff <(sort "$folder/expected") <(names FAILED <"$work/mutated.out") >&2; then
      echo "$language: $(basename "$folder"): not noticed everywhere; status $status" >&2
      bad=1
    fi
  done
  return "$bad"
}

# A file that is not there, no JSON, or with something that nobody understands is refused with status 2, and by name.
refuses() {
  local language=$1 file bad=0 status
  for file in "$work"/nonsense/*.json "$work/nowhere.json"; do
    status=0
    runner "$language" "$file" >/dev/null 2>"$work/refused.err" || status=$?
    if ((status != 2)) || ! grep -qF "$file" "$work/refused.err"; then
      echo "$language: $file: not refused; status $status: $(<"$work/refused.err")" >&2
      bad=1
    fi
  done
  return "$bad"
}

check "check.py" "$python" "$tools/check.py" "${files[@]}" || true
check "mutate.py" "$python" "$tools/mutate.py" "$work/mutations" "${files[@]}" || finish
check "nonsense.py" "$python" "$tools/nonsense.py" "$work/nonsense" "${files[@]}" || finish
count=$(wc -l <"$work/mutations/a counter that is higher/expected")
check "check.py, self-test" check_notices || true
for language in "${languages[@]}"; do
  check "build, $language" "build_$language" || continue
  run_vectors "$language"
  check "mutations, $language" notices "$language" || true
  check "what is not understood, $language" refuses "$language" || true
done
"$python" "$tools/table.py" "$work" "${languages[@]}" | tee "$work/table"
finish
