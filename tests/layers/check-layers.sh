#!/usr/bin/env bash
# Fails when a file includes what its folder may not include. The README beside this script has the
# rules in words.
#   check-layers.sh [ROOT]
set -euo pipefail

root=${1:-$(dirname "${BASH_SOURCE[0]}")/../..}
cd "$root"

# Lowest first: a folder may include those before it, and itself.
layers=(base wire packet link ip icmp stack testing)
declare -A rank
for i in "${!layers[@]}"; do rank[${layers[i]}]=$i; done

# System headers with a folder in their name.
system='^<(sys|linux|net|netinet|netpacket|arpa|asm|bits)/[a-z0-9_./-]+>$'
plain='^<[a-z0-9_]+(\.h)?>$'
public='^<netstack/([a-z0-9_]+\.(h|hpp)|hpp/[a-z0-9_]+\.hpp)>$'

violations=0
# complain FILE INCLUDE REASON
complain() {
  echo "$1: includes $2: $3" >&2
  violations=$((violations + 1))
}

# Prints each include of a file as it is written: "x" or <x>. In Go it stands in a comment.
includes_of() {
  sed -nE 's@^[[:space:]]*(//)?[[:space:]]*#[[:space:]]*include[[:space:]]+(["<][^">]*[">]).*@\2@p' "$1"
}

check_cxx() {
  local file=$1 include=$2 folder target
  folder=${file#cxx/netstack/}
  if [[ $folder != */* ]]; then
    complain "$file" "$include" "no file of ours stands directly in cxx/netstack"
    return
  fi
  folder=${folder%%/*}
  if [[ -z ${rank[$folder]:-} ]]; then
    complain "$file" "$include" "cxx/netstack/$folder is no layer"
    return
  fi
  if [[ $include =~ ^\"netstack/([a-z0-9_]+)/[a-z0-9_/]+\.h\"$ ]]; then
    target=${BASH_REMATCH[1]}
    if [[ -z ${rank[$target]:-} ]]; then
      complain "$file" "$include" "cxx/netstack/$target is no layer"
    elif [[ $target == testing && $file == *_test.cc ]]; then
      return
    elif ((rank[$target] > rank[$folder])); then
      complain "$file" "$include" "$folder lies below $target"
    fi
  elif [[ $include =~ ^\<gtest/ ]]; then
    [[ $folder == testing || $file == *_test.cc ]] ||
      complain "$file" "$include" "only tests use GoogleTest"
  elif [[ ! $include =~ $plain && ! $include =~ $system ]]; then
    complain "$file" "$include" "cxx may include \"netstack/FOLDER/FILE.h\" and system headers"
  fi
}

check_public_header() {
  local file=$1 include=$2
  if [[ $include =~ ^[\"\<]netstack/((hpp/)?[a-z0-9_]+\.(h|hpp))[\"\>]$ ]]; then
    [[ $file == *.hpp || ${BASH_REMATCH[3]} == h ]] ||
      complain "$file" "$include" "a C header can't include C++"
    [[ -f capi/include/netstack/${BASH_REMATCH[1]} ]] ||
      complain "$file" "$include" "no such public header"
  elif [[ $file == *.h && $include != '<stddef.h>' && $include != '<stdint.h>' ]]; then
    complain "$file" "$include" "a public header includes <stddef.h>, <stdint.h> and its like only"
  elif [[ $file == *.hpp && ! $include =~ ^\<[a-z0-9_]+\>$ ]]; then
    complain "$file" "$include" "the C++ veneer includes the standard library and public headers"
  fi
}

check_capi_src() {
  local file=$1 include=$2
  [[ $include =~ $plain || $include =~ $system || $include =~ $public ]] && return
  [[ $include =~ ^\"netstack/[a-z0-9_]+\.(h|hpp)\"$ ]] && return
  [[ $include =~ ^\<gtest/ && $file == *_test.cc ]] && return
  if [[ $include =~ ^\"netstack/testing/ ]]; then
    [[ $file == *_test.cc ]] || complain "$file" "$include" "only tests use testing"
  elif [[ ! $include =~ ^\"(capi/src/)?[a-z0-9_]+\.h\"$ &&
    ! $include =~ ^\"netstack/[a-z0-9_]+/[a-z0-9_/]+\.h\"$ ]]; then
    complain "$file" "$include" "capi/src may include cxx, public headers and its own"
  fi
}

check_client() {
  local file=$1 include=$2 libraries=$3
  [[ $include =~ $plain || $include =~ $system || $include =~ $public ]] && return
  [[ -n $libraries && $include =~ ^\<($libraries)/ ]] && return
  if [[ $file == @(capi/program|python/src|go/netstack|rust/examples/*)/* && $include =~ ^\"[a-z0-9_]+\.h\"$ ]]; then return; fi
  if [[ $file == tests/* && $include =~ ^\"[a-z0-9_/]+\.h\"$ && $include != \"netstack/* ]]; then
    return
  fi
  complain "$file" "$include" "a client of the C ABI sees <netstack/...> public headers only"
}

# Tests that stand for languages without headers.
check_foreign() {
  local file=$1 include=$2
  [[ $include != [\"\<]netstack/* ]] || complain "$file" "$include" "it knows the library by its description alone"
}

# Prints the crates and modules that a file in Rust uses.
uses_of() {
  sed -nE 's/^[[:space:]]*(pub(\([a-z]+\))?[[:space:]]+)?use[[:space:]]+(::)?([a-z0-9_]+).*/\4/p' "$1"
}

check_crate() {
  local file=$1 used=$2 allowed
  case $file in
    rust/netstack-sys/src/*) allowed='core' ;;
    rust/netstack/src/doc/*) return ;; # what examples begin with
    rust/netstack/src/*)
      allowed='std|crate|self|super|netstack_sys|libc|tokio|tracing'
      [[ -f rust/netstack/src/$used.rs ]] && return
      grep -q "macro_rules! $used " "$file" && return
      ;;
    *) return ;; # tests and examples use what they show
  esac
  [[ $used =~ ^($allowed)$ ]] || complain "$file" "$used" "this crate uses ${allowed//|/, } and its own modules"
}

# What the library is compiled from; check-bundled.sh sees that it is all of it.
check_bundled() {
  local file=$1 include=$2
  [[ $include =~ ^\"(netstack|src)/[a-z0-9_/]+\.cc\"$ ]] && return
  complain "$file" "$include" "bundled includes the sources of the library and nothing else"
}

check_file() {
  local file=$1 include
  if [[ $file == *.rs ]]; then
    while IFS= read -r include; do check_crate "$file" "$include"; done < <(uses_of "$file")
    return
  fi
  while IFS= read -r include; do
    case $file in
      cxx/*) check_cxx "$file" "$include" ;;
      capi/include/*) check_public_header "$file" "$include" ;;
      capi/src/*) check_capi_src "$file" "$include" ;;
      capi/program/*) check_client "$file" "$include" 'CLI|fmt|nlohmann|pcap' ;;
      capi/examples/*) check_client "$file" "$include" 'lwip' ;;
      python/*) check_client "$file" "$include" 'pybind11' ;;
      rust/*) check_client "$file" "$include" '' ;;
      go/internal/bundled/*) check_bundled "$file" "$include" ;;
      go/*) check_client "$file" "$include" '' ;;
      tests/fuzz/*) ;; # fuzz targets look inside
      tests/abi/ffi/*) check_foreign "$file" "$include" ;;
      tests/*_test.cc) check_client "$file" "$include" 'gtest' ;;
    esac
  done < <(includes_of "$file")
}

count=0
while IFS= read -r file; do
  check_file "$file"
  count=$((count + 1))
done < <(find cxx capi go python rust tests -path rust/target -prune -o -type f \
  \( -name '*.h' -o -name '*.hpp' -o -name '*.c' -o -name '*.cc' -o -name '*.go' -o -name '*.rs' \) -print | sort)

echo "layers: $count files, $violations violations"
((count > 0 && violations == 0))
