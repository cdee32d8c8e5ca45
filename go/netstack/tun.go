package netstack

// #include "shim.h"
// #include <stdlib.h>
import "C"

import (
	"strings"
	"unsafe"
)

// TUN is a TUN device of the system's. Linux.
type TUN struct {
	link
}

// HostAddress is what the host calls itself on the network: given to the device, which is then brought up.
// For TUN devices.
func HostAddress[P AddressText](addresses ...P) LinkOption {
	return linkOption("HostAddress", func(o *linkOptions) error {
		hosts, err := readPrefixes(addresses, prefixOfText)
		o.hosts = append(o.hosts, hosts...)
		return err
	})
}

// OpenTUN opens a TUN device by name, 1 to 15 characters, and makes it if it does not exist; a "%d" in the
// name becomes the first free number. Without host addresses the device is left as it is: bring it up and
// give it an address with the system's tools. Options: [MTU], [HostAddress].
//
// Errors, which say what to do: [ErrInvalidArgument]; [ErrBusy] if somebody else has the device open;
// [ErrNotFound] if the system has no TUN; [ErrUnsupported] if it is not allowed (CAP_NET_ADMIN), or not Linux.
func OpenTUN(name string, options ...LinkOption) (*TUN, error) {
	const op = "OpenTUN"
	o, err := readLinkOptions(op, options, "MTU", "HostAddress")
	if err != nil {
		return nil, err
	}
	if strings.ContainsRune(name, 0) {
		return nil, invalid(op, "the name holds a zero byte")
	}
	text := C.CString(name)
	defer C.free(unsafe.Pointer(text))
	var out *C.ns_link
	var said *C.ns_error
	status := C.nsgo_tun_new(text, C.uint32_t(o.mtu), first(o.hosts), C.size_t(len(o.hosts)), &out, &said)
	if status != C.NS_OK {
		return nil, asError(op, status, said)
	}
	t := &TUN{}
	t.c = share(t, out, freeLink)
	return t, nil
}

// Name is that of the device, such as "tun0"; "" if the link is closed.
func (t *TUN) Name() string {
	object := t.c.acquire()
	if object == nil {
		return ""
	}
	defer t.c.release()
	var buffer [16]C.char
	if C.ns_link_get_device(object, &buffer[0], C.size_t(len(buffer))) != C.NS_OK {
		return ""
	}
	return C.GoString(&buffer[0])
}
