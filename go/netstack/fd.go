package netstack

// #include "shim.h"
import "C"

import (
	"fmt"
	"syscall"
)

// FDLink is a link over an open descriptor that keeps packets apart.
type FDLink struct {
	link
}

// PacketInformation is what stands before each IP packet on a descriptor. It is an option of [NewFD].
type PacketInformation uint32

// The kinds.
const (
	NoPacketInformation    PacketInformation = C.NS_PACKET_INFORMATION_NONE  // Android's VpnService, Linux with IFF_NO_PI
	LinuxPacketInformation PacketInformation = C.NS_PACKET_INFORMATION_LINUX // 2 bytes of flags, 2 bytes of EtherType
	UTUNPacketInformation  PacketInformation = C.NS_PACKET_INFORMATION_UTUN  // 4 bytes of address family
)

// WithPacketInformation says what stands before each packet; otherwise nothing does. For descriptors.
func WithPacketInformation(information PacketInformation) LinkOption {
	return linkOption("WithPacketInformation", func(o *linkOptions) error {
		o.information = information
		if information > UTUNPacketInformation {
			return fmt.Errorf("WithPacketInformation(%d): not one of the kinds", uint32(information))
		}
		return nil
	})
}

// NewFD makes a link out of a TUN device, a datagram or a sequenced-packet socket that is open already: an
// [*os.File], a [*net.UnixConn] and their like. The link works on a duplicate: the caller keeps the
// descriptor and may close it. It is made non-blocking, which the caller's shares. Options: [MTU],
// [WithPacketInformation].
//
// Errors: [ErrInvalidArgument], such as for a stream socket; [ErrUnsupported]; those of SyscallConn.
func NewFD(conn syscall.Conn, options ...LinkOption) (*FDLink, error) {
	const op = "NewFD"
	o, err := readLinkOptions(op, options, "MTU", "WithPacketInformation")
	if err != nil {
		return nil, err
	}
	if conn == nil {
		return nil, invalid(op, "there is no descriptor: the argument is nil")
	}
	raw, err := conn.SyscallConn()
	if err != nil {
		return nil, err
	}
	var in C.ns_link_fd_options
	C.ns_link_fd_options_init(&in, C.sizeof_ns_link_fd_options)
	in.mtu, in.packet_information = C.uint32_t(o.mtu), C.ns_packet_information(o.information)
	var out *C.ns_link
	var said *C.ns_error
	var status C.ns_status
	if err = raw.Control(func(descriptor uintptr) {
		status = C.ns_link_fd_new(C.int(descriptor), &in, &out, &said)
	}); err != nil {
		return nil, err
	}
	if status != C.NS_OK {
		return nil, asError(op, status, said)
	}
	f := &FDLink{}
	f.c = share(f, out, freeLink)
	return f, nil
}
