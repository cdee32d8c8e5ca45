//go:build !netstack_system

package netstack

// #cgo CPPFLAGS: -DNS_STATIC -I${SRCDIR}/../../capi/include
import "C"

import _ "netstack.example/go/internal/bundled" // the library, out of this module's C++ sources
