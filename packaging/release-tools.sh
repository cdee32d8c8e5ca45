#!/usr/bin/env bash
# For the scripts beside this one that build what is released to source, in the root of the checkout.
set -euo pipefail

fail() {
  echo "netstack: $*" >&2
  exit 1
}

# need_tools COMMAND...: fails by the names of all that are missing.
need_tools() {
  local tool missing=()
  for tool in "$@"; do
    command -v "$tool" >/dev/null || missing+=("$tool")
  done
  ((${#missing[@]} == 0)) || fail "not there: ${missing[*]}; packaging/install-dependencies.sh test installs it"
}

# need_files FILE...: fails by the names of all that are missing.
need_files() {
  local file missing=()
  for file in "$@"; do
    [[ -s $file ]] || missing+=("$file")
  done
  ((${#missing[@]} == 0)) || fail "no ${missing[*]}"
}

# The same source makes the same files: they bear the time of the commit, without git's history that of VERSION.
set_source_date() {
  if [[ -z ${SOURCE_DATE_EPOCH:-} ]]; then
    SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null) || SOURCE_DATE_EPOCH=$(stat -c %Y VERSION)
  fi
  [[ $SOURCE_DATE_EPOCH =~ ^[0-9]+$ ]] || fail "SOURCE_DATE_EPOCH is '$SOURCE_DATE_EPOCH', no number of seconds"
  export SOURCE_DATE_EPOCH
}

# copy_sources FOLDER: the source tree as git knows it, without what was built in it. Links to folders are no
# files to list-files.sh, but the crates have some.
copy_sources() {
  {
    tests/lint/list-files.sh
    find rust -maxdepth 2 -type l
  } | sort -u | tar -c --no-recursion -T - | tar -x -C "$1"
}
