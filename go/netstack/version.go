package netstack

// #include "shim.h"
import "C"

import "fmt"

// Version is that of the library that runs, as "MAJOR.MINOR.PATCH".
func Version() string { return C.GoString(C.ns_version_string()) }

// The library is another than the one that was compiled with only if it was linked by the tag
// netstack_system.
func checkVersion(op string) error {
	return compareVersions(op, uint32(C.NS_ABI_VERSION), uint32(C.ns_abi_version()), Version())
}

func compareVersions(op string, made, runs uint32, version string) error {
	if made == runs {
		return nil
	}
	return &Error{op, ErrUnsupported, fmt.Sprintf("made for version %d.%d of the library, and the one that runs is %s",
		made>>16, made&0xffff, version)}
}
