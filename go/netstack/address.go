package netstack

// #include "shim.h"
import "C"

import (
	"fmt"
	"net/netip"
	"reflect"
	"strconv"
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
// "192.168.0.1/24", or a [netip.Prefix].
type AddressText interface{ ~string | netip.Prefix }

func parsePrefix[P AddressText](text P) (netip.Prefix, error) {
	switch value := any(text).(type) {
	case netip.Prefix:
		return value, nil
	case string:
		return prefixOfText(value)
	}
	return prefixOfText(reflect.ValueOf(text).String()) // of a type of its own, which may print otherwise
}

// parsePrefixes makes what C takes of an option's addresses or prefixes: all or none.
func parsePrefixes[P AddressText](texts []P) ([]C.ns_prefix, error) {
	prefixes := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		var err error
		if prefixes[i], err = parsePrefix(text); err != nil {
			return nil, err
		}
	}
	return toPrefixes(prefixes)
}

// prefixOfText takes an address without a length as one that is alone in its subnet.
func prefixOfText(text string) (netip.Prefix, error) {
	if address, err := netip.ParseAddr(text); err == nil && address.Zone() == "" {
		return netip.PrefixFrom(address, address.BitLen()), nil
	}
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		return prefix, fmt.Errorf("%q is no address and no prefix", text)
	}
	return prefix, nil
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
