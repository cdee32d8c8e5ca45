#!/usr/bin/env bash
# Prints the path of a go command that will do for every Go module here: the package's users need an older one
# than an example and the bench do, because of gVisor. NETSTACK_GO names one to use; otherwise the first that will
# do of those found.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
needed=$(sed -n 's/^go //p' "$root"/go.mod "$root"/go/examples/*/go.mod "$root"/{tests/*,packaging}/*/go.mod | sort -V | tail -n 1)

# Prints nothing where the command will do, otherwise what it lacks.
lacks() {
  local version
  # Not a newer one that it would fetch.
  version=$(GOTOOLCHAIN=local "$1" env GOVERSION 2>/dev/null) || version=
  if [[ ! $version =~ ^go(1\.[0-9.]+) ]]; then
    echo "does not run"
  elif [[ $(printf '%s\n' "$needed" "${BASH_REMATCH[1]}" | sort -V | head -n 1) != "$needed" ]]; then
    echo "is $version, older than $needed"
  fi
}

shopt -s nullglob
candidates=(go /usr/local/go/bin/go /usr/lib/go-1.*/bin/go /usr/lib/go/bin/go)
if [[ -n ${NETSTACK_GO:-} ]]; then candidates=("$NETSTACK_GO"); fi

for candidate in "${candidates[@]}"; do
  path=$(command -v "$candidate") || {
    echo "$candidate: not there" >&2
    continue
  }
  reason=$(lacks "$path")
  if [[ -z $reason ]]; then
    # Beside it stands its gofmt.
    echo "$(GOTOOLCHAIN=local "$path" env GOROOT)/bin/go"
    exit 0
  fi
  echo "$path: $reason" >&2
done
echo "netstack: no Go $needed or later; install one (that of Debian 12 is too old), or name it in NETSTACK_GO" >&2
exit 1
