//go:build netstack_system

package netstack

/*
#cgo pkg-config: netstack
#include <netstack/version.h>
#define NETSTACK_GO_ABI ((0 * 0x10000u) | 1)
_Static_assert(NS_ABI_VERSION == NETSTACK_GO_ABI,
               "this Go package is written for netstack 0.1, the installed headers are of netstack " NS_VERSION_STRING);
*/
import "C"
