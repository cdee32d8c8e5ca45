#!/usr/bin/env bash
# Installs what is missing and runs the tests, or the jobs that are named.
#   ./test.sh [JOB...]    ./test.sh --list    ./test.sh --help
# Each job's whole output is in build/test-logs/JOB.log. The last line is "N passed, M failed".
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

all_jobs=(
  lint layers tidy release install docs abi end-to-end python go rust vectors packages asan tsan fuzz bench
)

describe() {
  case $1 in
    lint) echo "format, spelling, shell scripts, file sizes, one version number, README" ;;
    layers) echo "which folder may include which" ;;
    release) echo "release build with gcc, all unit and ABI tests" ;;
    tidy) echo "clang-tidy on all that is built into the product" ;;
    asan) echo "clang: program, and all unit and ABI tests with the address and undefined behaviour sanitizers" ;;
    tsan) echo "clang: all unit and ABI tests with the thread sanitizer" ;;
    fuzz) echo "each fuzz target, 20 seconds" ;;
    bench) echo "the bench's contestants answer right and without the heap; nothing is timed" ;;
    docs) echo "the reference of the C headers is complete; the programs of its pages run" ;;
    install) echo "installs a release and uses it from outside: CMake, pkg-config, static; README's commands" ;;
    abi) echo "the ABI gate and its proof: exports, headers, baseline, libabigail, an old program; LuaJIT" ;;
    python) echo "the Python package: lint, types, wheel, sdist, pytest" ;;
    go) echo "the Go module: vet, tests, race detector, pointer checks, a consumer outside the tree" ;;
    rust) echo "the Rust crates: lint, bindings, cargo test, packages, C on either side, Miri" ;;
    vectors) echo "one set of vectors in every language: C, C++, Python, Go, Rust" ;;
    packages) echo "a release, built twice and compared, and used: Debian packages, tarball, man page, completions" ;;
    end-to-end) echo "the program with real packets: demo, serve, bad arguments" ;;
  esac
}

case ${1:-} in
  --list)
    for job in "${all_jobs[@]}"; do printf '%-11s %s\n' "$job" "$(describe "$job")"; done
    exit 0
    ;;
  -h | --help)
    sed -n '2,4s/^# //p' "$0"
    exit 0
    ;;
esac
jobs=("$@")
if (($# == 0)); then jobs=("${all_jobs[@]}"); fi
for job in "${jobs[@]}"; do
  if [[ " ${all_jobs[*]} " != *" $job "* ]]; then
    echo "test.sh: no job named $job; see ./test.sh --list" >&2
    exit 2
  fi
done

parallel=${NETSTACK_JOBS:-$(nproc)}
clang=(-DCMAKE_C_COMPILER=clang-14 -DCMAKE_CXX_COMPILER=clang++-14)
gcc=(-DCMAKE_C_COMPILER=gcc -DCMAKE_CXX_COMPILER=g++)

# build PRESET FOLDER [CMAKE ARGUMENT...]
build() {
  local preset=$1 folder=$2
  shift 2
  cmake --preset "$preset" -B "build/$folder" -DNETSTACK_BUILD_TESTS=ON "$@"
  cmake --build "build/$folder" -j "$parallel"
}

# with_release SCRIPT: gives it the folder of a release.
with_release() {
  build release release
  "$1" build/release
}

run_ctest() {
  "${@:2}" ctest --test-dir "build/$1" -j "$parallel" --output-on-failure --no-tests=error
}

# TSan of clang 14 can't start where addresses are randomised more than this.
without_randomisation() {
  local bits
  bits=$(cat /proc/sys/vm/mmap_rnd_bits 2>/dev/null || echo 28)
  if ((bits > 28)); then setarch -R "$@"; else "$@"; fi
}

job_lint() { tests/lint/lint.sh; }
job_layers() {
  tests/layers/self-test.sh
  tests/layers/check-layers.sh
  tests/layers/check-bundled.sh
}
job_release() {
  # Elsewhere the example in front of lwIP is left out where lwIP is missing.
  build release release "${gcc[@]}" -DCMAKE_REQUIRE_FIND_PACKAGE_lwip=ON
  run_ctest release
}
job_tidy() {
  local tools
  tools=$(packaging/make-python-tools.sh)
  cmake --preset dev -B build/clang -DNETSTACK_BUILD_TESTS=ON -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON \
    -DNETSTACK_BUILD_PYTHON=ON -DPython_EXECUTABLE="$tools/bin/python" "${clang[@]}"
  run-clang-tidy-14 -quiet -j "$parallel" -p build/clang "^$PWD/(cxx|capi|python)/.*(?<!_test)\.cc\$" |
    sed 's/\x1b\[[0-9;]*m//g; /warnings generated\.$/d'
}
job_asan() {
  build asan asan "${clang[@]}"
  run_ctest asan
}
job_tsan() {
  build tsan tsan "${clang[@]}"
  run_ctest tsan without_randomisation
}
job_fuzz() {
  cmake --preset fuzz
  cmake --build build/fuzz -j "$parallel" --target netstack_fuzz
  tests/fuzz/run-fuzzers.sh build/fuzz/fuzz 20
}
job_install() { with_release tests/install/run.sh; }
job_docs() { with_release tests/docs/run.sh; }
job_abi() { with_release tests/abi/run.sh; }
job_end-to-end() { with_release tests/end_to_end/run.sh; }
job_python() { tests/python/run.sh; }
job_rust() { with_release tests/rust/run.sh; }
job_vectors() { with_release tests/vectors/run.sh; }
job_go() { with_release tests/go/run.sh; }
job_packages() { tests/packages/run.sh; }

job_bench() {
  build release bench "${gcc[@]}" -DNETSTACK_BUILD_TESTS=OFF -DNETSTACK_BUILD_PROGRAM=OFF \
    -DNETSTACK_BUILD_EXAMPLES=OFF -DNETSTACK_BUILD_BENCH=ON -DNETSTACK_BENCH_SMOLTCP=OFF
  build/bench/bin/netstack_bench --verify
}

# Prints "PASSED FAILED" for a job: ctest jobs count their tests (one that was skipped has failed,
# for it has not shown that it works), a job whose last line is "N passed, M failed" has counted by
# itself, others count as one.
count_results() {
  local log=$1 status=$2 line total failed skipped
  line=$(tail -n 1 "$log")
  if [[ $line =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]]; then
    failed=${BASH_REMATCH[2]}
    if ((status != 0 && failed == 0)); then failed=1; fi
    echo "${BASH_REMATCH[1]}" "$failed"
    return
  fi
  line=$(grep -E '^[0-9]+% tests passed, [0-9]+ tests failed out of [0-9]+' "$log" | tail -n 1 || true)
  if [[ -z $line ]]; then
    if ((status == 0)); then echo 1 0; else echo 0 1; fi
    return
  fi
  total=${line##* }
  failed=$(sed -E 's/.*passed, ([0-9]+) tests failed.*/\1/' <<<"$line")
  skipped=$(grep -cE '^ *[0-9]+/[0-9]+ Test .*\*\*\*Skipped' "$log" || true)
  ((failed += skipped)) || true
  if ((status != 0 && failed == 0)); then failed=1; fi
  echo $((total - failed)) "$failed"
}

packaging/install-dependencies.sh test
export PATH=$PATH:/usr/sbin:/sbin

logs=build/test-logs
mkdir -p "$logs"
passed=0 failed=0
for job in "${jobs[@]}"; do
  log=$logs/$job.log
  start=$SECONDS
  status=0
  # A process of its own, so that `set -e` holds inside the job.
  (
    set -euo pipefail
    "job_$job"
  ) >"$log" 2>&1 </dev/null &
  wait $! || status=$?
  read -r job_passed job_failed < <(count_results "$log" "$status")
  verdict=ok
  if ((job_failed > 0)); then
    verdict=FAILED
    echo "---- the end of $log (a skipped test counts as failed)"
    tail -n 40 "$log"
    echo "----"
  fi
  printf '%-11s %-7s %5d passed %3d failed %5d s\n' \
    "$job" "$verdict" "$job_passed" "$job_failed" $((SECONDS - start))
  passed=$((passed + job_passed)) failed=$((failed + job_failed))
done
if [[ " ${jobs[*]} " == *" vectors "* && -f build/vectors/table ]]; then cat build/vectors/table; fi
echo "$passed passed, $failed failed"
((failed == 0))
