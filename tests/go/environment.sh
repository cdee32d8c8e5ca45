#!/usr/bin/env bash
# For the scripts beside this one to source, in the root of the checkout: Go as they use it.
set -euo pipefail

go=$(packaging/find-go.sh)
export PATH=${go%/*}:$PATH
# No other toolchain is fetched, nothing is kept outside the checkout, and flags are those told here.
export GOTOOLCHAIN=local GOWORK=off GOPATH=$PWD/build/go/path GOCACHE=$PWD/build/go/cache
export GOMODCACHE=$GOPATH/pkg/mod GOFLAGS="-modcacherw -buildvcs=false -p=${NETSTACK_JOBS:-$(nproc)}"

# cgo does not see that C++ sources in other folders change, but it does see its flags. What a compiler warns
# of by itself would be on the screen of each user.
hash=$(tests/lint/list-files.sh 'cxx/*.h' 'cxx/*.cc' 'capi/include/*' 'capi/src/*' | xargs -d '\n' sha256sum | sha256sum)
export CGO_CPPFLAGS="-DNETSTACK_SOURCES=0x${hash::16}" CGO_CXXFLAGS="-O2 -g -Werror"
