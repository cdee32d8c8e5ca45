#!/usr/bin/env bash
# dist/ has every file of a release and no other; their checksums and the bill of materials are right.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
version=$(<"$root/VERSION")
architecture=$(dpkg --print-architecture)
soversion=${version%.*}
if [[ $version != 0.* ]]; then soversion=${version%%.*}; fi
cd "$root/dist"

sort >"$root/build/expected" <<END
SHA256SUMS
go/netstack.example/@v/list
go/netstack.example/@v/v$version.info
go/netstack.example/@v/v$version.mod
go/netstack.example/@v/v$version.zip
libnetstack$soversion$(printf '_%s' "$version" "$architecture").deb
libnetstack-$version-linux-$(uname -m).tar.gz
libnetstack-dev_${version}_$architecture.deb
netstack-$version.cdx.json
netstack-$version.crate
netstack-$version.tar.gz
netstack-sys-$version.crate
netstack_${version}_$architecture.deb
$(ls netstack-"$version"-*manylinux*.whl)
END
diff -u --label "what a release has" --label dist "$root/build/expected" <(find . -type f -printf '%P\n' | sort)
sha256sum --quiet --check --strict SHA256SUMS
diff -u --label "what a release has" --label SHA256SUMS <(grep -v '^SHA256SUMS$' "$root/build/expected") \
  <(cut -c 67- SHA256SUMS)
"$("$root/packaging/find-python.sh")" "$root/tests/packages/check_sbom.py" .
