package netstack_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"net/netip"
	"strings"
	"testing"

	"netstack.example/go/netstack"
)

// What takes bytes or text, against plain implementations in Go.

// repaired has the lengths and checksums that the rest of the packet asks for, where it has the size for it.
func repaired(packet []byte) []byte {
	switch {
	case len(packet) >= 28 && packet[0]>>4 == 4:
		packet[0] = 0x45
		binary.BigEndian.PutUint16(packet[2:], uint16(len(packet)))
		binary.BigEndian.PutUint16(packet[10:], 0)
		binary.BigEndian.PutUint16(packet[10:], checksum(packet[:20]))
		binary.BigEndian.PutUint16(packet[22:], 0)
		binary.BigEndian.PutUint16(packet[22:], checksum(packet[20:]))
	case len(packet) >= 48 && packet[0]>>4 == 6:
		binary.BigEndian.PutUint16(packet[4:], uint16(len(packet)-40))
		packet[6] = 58
		pseudo := append(bytes.Clone(packet[8:40]), 0, 0, byte((len(packet)-40)>>8), byte(len(packet)-40), 0, 0, 0, 58)
		binary.BigEndian.PutUint16(packet[42:], 0)
		binary.BigEndian.PutUint16(packet[42:], checksum(pseudo, packet[40:]))
	}
	return packet
}

// answerTo is the one right answer to the Echo Request in a packet, if there is to be one.
func answerTo(packet []byte) []byte {
	if packet[0]>>4 == 4 {
		out := bytes.Clone(packet[:binary.BigEndian.Uint16(packet[2:])])
		copy(out[12:], packet[16:20])
		copy(out[16:], packet[12:16])
		destination := netip.AddrFrom4([4]byte(packet[16:20]))
		if text := destination.String(); destination.IsMulticast() || text == "192.168.0.255" || text == "255.255.255.255" {
			copy(out[12:], netip.MustParseAddr(our4).AsSlice())
		}
		out[8], out[20] = 64, 0
		return repaired(out)
	}
	out := bytes.Clone(packet[:40+int(binary.BigEndian.Uint16(packet[4:]))])
	copy(out[8:], packet[24:40])
	copy(out[24:], packet[8:24])
	if packet[24] == 0xff {
		copy(out[8:], netip.MustParseAddr(our6).AsSlice())
	}
	out[1], out[2], out[3] = out[1]&0xf0, 0, 0 // no flow label
	out[7], out[40] = 64, 129
	return repaired(out)
}

// plain packets have nothing between their header and an ICMP message, and are no fragments.
func plain(packet []byte) bool {
	if len(packet) >= 20 && packet[0]>>4 == 4 {
		return packet[0] == 0x45 && binary.BigEndian.Uint16(packet[6:])&0x3fff == 0 && packet[9] == 1
	}
	return len(packet) < 40 || packet[0]>>4 != 6 || packet[6] == 58
}

// facts of a request must be those of its bytes.
func factsAreOf(t *testing.T, r *netstack.Request, packet []byte) {
	t.Helper()
	at := 20
	source, destination := netip.Addr{}, netip.Addr{}
	if packet[0]>>4 == 4 {
		source, destination = netip.AddrFrom4([4]byte(packet[12:16])), netip.AddrFrom4([4]byte(packet[16:20]))
		same(t, []byte{r.TTL(), r.TOS()}, []byte{packet[8], packet[1]})
	} else {
		at = 40
		source, destination = netip.AddrFrom16([16]byte(packet[8:24])), netip.AddrFrom16([16]byte(packet[24:40]))
		same(t, []byte{r.TTL(), r.TOS()}, []byte{packet[7], packet[0]<<4 | packet[1]>>4})
	}
	same(t, []netip.Addr{r.Source().WithZone(""), r.Destination().WithZone("")}, []netip.Addr{source, destination})
	same(t, []byte{r.Type(), r.Code()}, packet[at:at+2])
	same(t, []uint16{r.Identifier(), r.Sequence()},
		[]uint16{binary.BigEndian.Uint16(packet[at+4:]), binary.BigEndian.Uint16(packet[at+6:])})
}

func FuzzInject(f *testing.F) {
	for _, destination := range []string{our4, temporary4, "192.168.0.255", group4, our6, temporary6, group6} {
		for verdict := range uint8(4) {
			f.Add(request(destination).bytes(), verdict, false)
			f.Add(numbered(destination, 7).bytes(), verdict, true)
		}
	}
	f.Add(reply4(peer4, our4, 1, 2, nil), uint8(3), false)
	f.Add(reply6(peer6, our6, 1, 2, nil), uint8(3), true)
	f.Add(udp(peer4, our4), uint8(0), false)
	f.Add([]byte{}, uint8(0), false)
	f.Add([]byte{0x45}, uint8(0), true)
	f.Fuzz(func(t *testing.T, packet []byte, does uint8, repair bool) {
		if repair {
			packet = repaired(bytes.Clone(packet))
		}
		w := newWire(t, netstack.Promiscuous(), netstack.SideBySide())
		consumed, replied, calls := does&1 != 0, does&2 != 0, 0
		w.handle(func(r *netstack.Request) bool {
			calls++
			if !plain(packet) {
				return consumed
			}
			seen := made(r.AppendPacket(nil))(t)
			if r.Len() > len(packet) || !bytes.Equal(seen, packet[:r.Len()]) {
				t.Errorf("seen as %x", seen)
			}
			factsAreOf(t, r, packet)
			if replied {
				if err := r.Reply(); err != nil && err != netstack.ErrNoRoute {
					t.Errorf("Reply: %v", err)
				}
			}
			return consumed
		})
		if !plain(packet) {
			_ = w.link.Inject(packet) // what comes of it, the C++ tests say
			return
		}
		err := w.link.Inject(packet)
		sent := w.link.Drain()
		if err != nil && (err != netstack.ErrUnclaimed || len(sent) != 0 || calls > 0 && (consumed || replied)) {
			t.Errorf("%v, %d calls, %d sent", err, calls, len(sent))
		}
		if calls > 1 || len(sent) > calls || calls == 1 && consumed && !replied && len(sent) > 0 {
			t.Errorf("%d calls, %d sent", calls, len(sent))
		}
		for _, answer := range sent {
			if want := answerTo(packet); !bytes.Equal(answer, want) {
				t.Errorf("%x was answered by %x, not %x", packet, answer, want)
			}
		}
	})
}

// Every Echo Request that is well made is answered, in the one right way.
func FuzzEcho(f *testing.F) {
	f.Add(uint16(1), uint16(2), uint8(0), uint8(0), uint8(64), []byte("abcd"))
	f.Add(uint16(0), uint16(0), uint8(255), uint8(255), uint8(1), []byte{})
	f.Add(uint16(65535), uint16(65535), uint8(1), uint8(3), uint8(255), bytes.Repeat([]byte{0xff}, 1452))
	f.Fuzz(func(t *testing.T, identifier, sequence uint16, code, tos, ttl uint8, payload []byte) {
		w := newWire(t)
		for _, destination := range []string{our4, our6} {
			e := request(destination)
			e.identifier, e.sequence, e.code, e.tos, e.ttl = identifier, sequence, code, tos, ttl
			e.payload = payload[:min(len(payload), 1452)]
			want := 1
			if ttl == 0 {
				want = len(w.send(e.bytes())) // whatever becomes of it
			}
			same(t, w.answers(e, ""), want)
		}
	})
}

func FuzzAppendPacket(f *testing.F) {
	f.Add([]byte("payload"), []byte("had"), uint16(0))
	f.Add([]byte{}, []byte{}, uint16(2000))
	f.Add(make([]byte, 1452), []byte{1}, uint16(31))
	f.Fuzz(func(t *testing.T, payload, had []byte, room uint16) {
		w := newWire(t)
		e := request(our6)
		e.payload = payload[:min(len(payload), 1452)]
		calls := 0
		w.handle(func(r *netstack.Request) bool {
			calls++
			behind := bytes.Repeat([]byte{0x55}, len(had)+int(room)+1)
			copy(behind, had)
			out := made(r.AppendPacket(behind[: len(had) : len(had)+int(room)]))(t)
			if !bytes.Equal(out, append(bytes.Clone(had), e.bytes()...)) || behind[len(behind)-1] != 0x55 {
				t.Errorf("appended %x to %x", out, had)
			}
			return true
		})
		same(t, w.answers(e, ""), 0)
		same(t, calls, 1)
	})
}

// parsed is what netip makes of a text that is an address, alone in its subnet, or one with its prefix.
func parsed(text string) (netip.Prefix, bool) {
	if one, err := netip.ParseAddr(text); err == nil && one.Zone() == "" {
		return netip.PrefixFrom(one, one.BitLen()), true
	}
	out, err := netip.ParsePrefix(text)
	return out, err == nil
}

var texts = []string{
	"", "x", "10.0.0.1", "10.0.0.1/24", "10.0.0.1/33", "10.0.0.0/8", "010.0.0.1", "10.0.0.1/08", "10.0.0", " 10.0.0.1",
	"0.0.0.0/0", "255.255.255.255", "224.0.0.1/4", "a::1", "a::1/64", "::", "::/0", "::1", "fe80::1%1", "fe80::1%eth0/64",
	"ff02::1", "::ffff:10.0.0.1", "::ffff:10.0.0.1/120", "a::1\x00", "10.7.0.0/16\n", "1.2.3.4/32/32",
}

func FuzzAddressText(f *testing.F) {
	for _, text := range texts {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		want, ok := parsed(text)
		w := setup{bare: true}.wire(t)
		check(t, w.nic.Remove())
		nic, err := w.stack.AddNIC(w.link, netstack.Address(text))
		if err != nil {
			said := strings.Contains(err.Error(), "is not an address with a prefix length")
			if nic != nil || !errors.Is(err, netstack.ErrInvalidArgument) || said == ok || strings.Contains(err.Error(), "\n") {
				t.Errorf("%q: %v", text, err)
			}
			return
		}
		if !ok {
			t.Fatalf("%q was taken", text)
		}
		same(t, errors.Is(nic.AddAddresses(want), netstack.ErrBusy), true)
		check(t, nic.RemoveAddresses(want.Addr()))
		check(t, nic.AddAddresses(want)) // by text and by value are the same
	})
}

func FuzzLocalPrefixText(f *testing.F) {
	for _, text := range texts {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		want, err := netip.ParsePrefix(text)
		ok := err == nil
		w := setup{bare: true}.wire(t)
		check(t, w.nic.Remove())
		nic, err := w.stack.AddNIC(w.link, netstack.LocalPrefix(text))
		if err != nil {
			said := strings.Contains(err.Error(), "is not an address with a prefix length")
			if nic != nil || !errors.Is(err, netstack.ErrInvalidArgument) || said == ok || strings.Contains(err.Error(), "\n") {
				t.Errorf("%q: %v", text, err)
			}
			if ok && want == want.Masked() && !want.Addr().IsMulticast() && !want.Addr().Is4In6() {
				t.Errorf("%q: %v", text, err)
			}
			return
		}
		if !ok || want != want.Masked() {
			t.Fatalf("%q was taken", text)
		}
		check(t, nic.RemoveLocalPrefixes(want))
	})
}

// deviceName is what Linux takes for one out of printing ASCII, with at most one "%", for "%d".
func deviceName(name string) bool {
	for _, each := range []byte(name) {
		if each <= ' ' || each > '~' || each == '/' || each == ':' {
			return false
		}
	}
	percents := strings.Count(name, "%")
	return len(name) > 0 && len(name) < 16 && name != "." && name != ".." &&
		(percents == 0 || percents == 1 && strings.Contains(name, "%d"))
}

// The MTU is none: so no device is made, whoever runs this.
func FuzzOpenTUNName(f *testing.F) {
	for _, name := range []string{"", "tun0", "tun%d", "a/b", "a:b", "a b", ".", "..", "fifteen-letters", "sixteen-letters-", "a\x00b", "ü", "%s", "%%", "%d%d", "%"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		tun, err := netstack.OpenTUN(name, netstack.MTU(67))
		if tun != nil || !errors.Is(err, netstack.ErrInvalidArgument) || strings.Contains(err.Error(), "\n") {
			t.Fatalf("%q: %v", name, err)
		}
		if ofMTU := strings.Contains(err.Error(), "mtu is 67"); ofMTU != deviceName(name) {
			t.Errorf("%q: %v", name, err)
		}
	})
}
