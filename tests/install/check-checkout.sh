#!/usr/bin/env bash
# What the README has people type in a checkout, as it stands there: the demo, and an installation by root. What it
# writes to the checkout, /usr/local and /etc lies above them, in memory, and is gone with the script.
#   check-checkout.sh BUILD-FOLDER    the checkout's build/release
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
version=$(<"$root/VERSION")

fail() {
  echo "checkout: $*" >&2
  exit 1
}

[[ $(realpath "$1") == "$root/build/release" ]] || fail "the README builds in build/release, not in $1"
# Begins again in a mount namespace of its own, with the name of the one that it has left.
here=$(readlink /proc/self/ns/mnt)
if [[ -z ${2:-} ]]; then
  namespace=(unshare --mount)
  if [[ $(id -u) -ne 0 ]]; then namespace+=(--user --map-root-user); fi
  exec "${namespace[@]}" "$0" "$1" "$here"
fi
[[ $2 != "$here" ]] || fail "these are the mounts of everyone"

work=$(mktemp -d)
trap 'umount --lazy "$work" 2>/dev/null; rmdir "$work"' EXIT
mount -t tmpfs tmpfs "$work" || fail "no memory could be mounted"

# The checkout is a copy, as far as the README's commands want it.
mkdir -p "$work/checkout/build"
tar c -C "$root" --exclude=./build --exclude=./dist --exclude=./.git . | tar x -C "$work/checkout"
cp -a "$root/build/release" "$work/checkout/build/"
mount --bind "$work/checkout" "$root" || fail "nothing could be mounted above $root"

# lay_above NAME FOLDER: from now on what is written to the folder stays in memory. Its own folders are there anew, so
# that who is root only of this namespace may write there too.
lay_above() {
  local upper=$work/$1/upper
  mkdir -p "$upper" "$work/$1/work"
  # What only others may read is left out.
  (find "$2" -mindepth 1 -maxdepth 4 -type d -printf '%P\0' 2>/dev/null || true) | (cd "$upper" && xargs -0 mkdir -p --)
  mount -t overlay overlay -o "lowerdir=$2,upperdir=$upper,workdir=$work/$1/work" "$2" ||
    fail "nothing could be mounted above $2"
}
lay_above local /usr/local
lay_above etc /etc
cd "$root"

# Who is root need not ask for it; and this root is one of these folders alone.
sudo() { "$@"; }
export -f sudo

echo "-- the demo"
lines=$(tests/install/readme-lines.sh --behind "In a checkout")
[[ $(grep -o '^[^ #]*' <<<"$lines") == $'./demo.sh\n./test.sh' ]] || fail "the README has other commands first"
./demo.sh >"$work/log" 2>&1 || {
  cat "$work/log" >&2
  fail "./demo.sh failed"
}
tail -n 1 "$work/log" | grep -E '^([1-9][0-9]*) of \1 answers as promised$' || fail "./demo.sh did not say that all is well"

echo "-- CMake, then a program that needs to be told nothing"
lines=$(tests/install/readme-lines.sh --behind "**From a checkout**")
bash -euc "$lines" >"$work/log" 2>&1 || {
  tail -n 30 "$work/log" >&2
  fail "it could not be installed"
}
cc tests/install/consumer.c -lnetstack -o "$work/app"
printed=$("$work/app")
[[ $printed == "netstack $version" ]] || fail "the program printed '$printed'"
printed=$(/usr/local/bin/netstack --version)
[[ $printed == "netstack $version" ]] || fail "netstack --version printed '$printed'"
echo "it is installed for everyone"
