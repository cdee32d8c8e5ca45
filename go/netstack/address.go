package netstack

// #include "shim.h"
// #include <stdlib.h>
import "C"

import (
	"fmt"
	"net/netip"
	"reflect"
	"strconv"
	"strings"
	"unsafe"
)

// Family is IPv4, IPv6 or both.
type Family uint32

// The families.
const (
	AnyFamily Family = C.NS_FAMILY_ANY // both
	IPv4      Family = C.NS_FAMILY_IPV4
	IPv6      Family = C.NS_FAMILY_IPV6
)

// String is "IPv4", "IPv6" or "any family".
func (f Family) String() string {
	switch f {
	case AnyFamily:
		return "any family"
	case IPv4:
		return "IPv4"
	case IPv6:
		return "IPv6"
	}
	return "Family(" + strconv.FormatUint(uint64(f), 10) + ")"
}

// AddressText is what an option takes for an address in its subnet or a prefix: text such as
// "192.168.0.1/24", or a [netip.Prefix]. Only [Address] takes text without a length.
type AddressText interface{ ~string | netip.Prefix }

// readPrefixes makes what C takes of an option's addresses or prefixes, all or none; read is for those that
// are text.
func readPrefixes[P AddressText](values []P, read func(string) (C.ns_prefix, error)) ([]C.ns_prefix, error) {
	out := make([]C.ns_prefix, len(values))
	for i, each := range values {
		var err error
		switch value := any(each).(type) {
		case netip.Prefix:
			out[i], err = toPrefix(value)
		case string:
			out[i], err = read(value)
		default: // text of a type of its own, which may print otherwise
			out[i], err = read(reflect.ValueOf(each).String())
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// prefixOfText reads a prefix, as C does wherever it takes one.
func prefixOfText(text string) (C.ns_prefix, error) {
	var out C.ns_prefix
	if !strings.ContainsRune(text, 0) {
		in := C.CString(text)
		defer C.free(unsafe.Pointer(in))
		if C.ns_prefix_parse(in, &out) == C.NS_OK {
			return out, nil
		}
	}
	return out, fmt.Errorf("%q is not an address with a prefix length, such as 10.7.0.0/16 or fd07::/64", text)
}

// subnetOfText reads what is assigned, as C does: an address without a length is a subnet of its own.
func subnetOfText(text string) (C.ns_prefix, error) {
	if address, err := netip.ParseAddr(text); err == nil && address.Zone() == "" {
		return toPrefix(netip.PrefixFrom(address, address.BitLen()))
	}
	return prefixOfText(text)
}

// toAddress makes no address of the zero Addr. A zone is the number of a NIC.
func toAddress(address netip.Addr) (C.ns_address, error) {
	var out C.ns_address
	switch {
	case address.Is4():
		bytes := address.As4()
		for i, b := range bytes {
			out.bytes[i] = C.uint8_t(b)
		}
		out.family = C.NS_FAMILY_IPV4
	case address.Is6():
		bytes := address.As16()
		for i, b := range bytes {
			out.bytes[i] = C.uint8_t(b)
		}
		out.family = C.NS_FAMILY_IPV6
	}
	if zone := address.Zone(); zone != "" {
		nic, err := strconv.ParseUint(zone, 10, 32)
		if err != nil || nic == 0 {
			return out, fmt.Errorf("the zone of %v is not the number of a NIC", address)
		}
		out.scope = C.uint32_t(nic)
	}
	return out, nil
}

// toBareAddress is for what must be there and have no zone.
func toBareAddress(address netip.Addr) (C.ns_address, error) {
	if !address.IsValid() {
		return C.ns_address{}, fmt.Errorf("the zero netip.Addr is no address")
	}
	if address.Zone() != "" {
		return C.ns_address{}, fmt.Errorf("%v has a zone, which means nothing here", address)
	}
	return toAddress(address)
}

func toPrefix(prefix netip.Prefix) (C.ns_prefix, error) {
	if !prefix.IsValid() {
		return C.ns_prefix{}, fmt.Errorf("%v is no prefix", prefix)
	}
	address, err := toBareAddress(prefix.Addr())
	return C.ns_prefix{address: address, length: C.uint32_t(prefix.Bits())}, err
}

func toPrefixes(prefixes []netip.Prefix) ([]C.ns_prefix, error) {
	out := make([]C.ns_prefix, len(prefixes))
	for i, prefix := range prefixes {
		var err error
		if out[i], err = toPrefix(prefix); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func fromAddress(address *C.ns_address) netip.Addr {
	switch address.family {
	case C.NS_FAMILY_IPV4:
		var bytes [4]byte
		for i := range bytes {
			bytes[i] = byte(address.bytes[i])
		}
		return netip.AddrFrom4(bytes)
	case C.NS_FAMILY_IPV6:
		var bytes [16]byte
		for i := range bytes {
			bytes[i] = byte(address.bytes[i])
		}
		out := netip.AddrFrom16(bytes)
		if address.scope != 0 {
			out = out.WithZone(strconv.FormatUint(uint64(address.scope), 10))
		}
		return out
	}
	return netip.Addr{}
}
