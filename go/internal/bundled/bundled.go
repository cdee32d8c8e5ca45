// Package bundled compiles the library out of the C++ sources of this module, from where they are.
package bundled

/*
#cgo CPPFLAGS: -DNS_STATIC -DNDEBUG
#cgo CPPFLAGS: -I${SRCDIR}/../../../cxx -I${SRCDIR}/../../../capi -I${SRCDIR}/../../../capi/include
#cgo CXXFLAGS: -std=c++20 -O2 -fvisibility=hidden -fvisibility-inlines-hidden
#cgo linux CXXFLAGS: -ftls-model=initial-exec
#cgo linux LDFLAGS: -static-libstdc++ -static-libgcc
#if !__has_include("netstack/base/clock.cc")
#error "The C++ sources of netstack are not beside its Go code (go mod vendor leaves them out): install the library and build with -tags netstack_system"
#endif
*/
import "C"
