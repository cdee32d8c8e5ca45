package main

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// file is a file of vectors as it stands on disk; ../README.md describes it.
type file struct {
	Group   string
	About   string // is for readers
	Packets map[string]*packet
	Vectors []*vector

	path string
}

type packet struct {
	Bytes     []string
	Malformed string // is for readers
	Seen      string

	name string
	data []byte
}

type route struct {
	To      string
	NIC     uint32
	Gateway string
}

type nic struct {
	Number                      uint32
	MTU, Capacity               int
	Addresses, Prefixes, Groups []string
	Promiscuous, Spoofing       bool
	SideBySide                  bool `json:"side_by_side"`
}

type policy struct{ Family, Destination, Policy string }

type rate struct {
	PerSecond *uint32 `json:"per_second"`
	Burst     *uint32
}

type limited struct {
	Family  string
	Type    *uint8
	Limited *bool
}

type socket struct {
	Family, Address string
	Identifier      uint16
}

// action is one thing that a handler does: one key, and a result beside inject.
type action struct {
	Reply          *string
	ReplyElsewhere *string `json:"reply elsewhere"`
	ReplyKept      *string `json:"reply kept"`
	Keep           *string
	Inject         *string
	Result         *string
	Route          *route
}

type handler struct {
	Family      string
	EchoReplies bool `json:"echo_replies"`
	Does        []action
	Then        string
}

type step struct {
	Handlers *[]handler
	Sockets  *[]socket
	Advance  uint32
	Inject   *string
	NIC      *uint32
	Result   *string
	Sees     []string
	Out      []string
	Kept     *string
	Packet   *string
}

type vector struct {
	Name  string
	Stack struct {
		StrictRoutes    bool `json:"strict_routes"`
		DefaultTTL      int  `json:"default_ttl"`
		DefaultHopLimit int  `json:"default_hop_limit"`
	}
	NICs     []nic
	Routes   []route
	Policies []policy
	Rate     *rate     `json:"icmp_rate"`
	Limited  []limited `json:"icmp_limited"`
	Sockets  []socket
	Handlers []handler
	Packets  map[string]*packet
	Steps    []step
	Counters map[string]uint64

	ofFile map[string]*packet
}

func readFile(path string) (*file, error) {
	reader, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	decoder := json.NewDecoder(reader)
	decoder.DisallowUnknownFields()
	f := &file{path: path}
	if err = decoder.Decode(f); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if _, err = decoder.Token(); err != io.EOF {
		return nil, fmt.Errorf("%s: something stands behind it", path)
	}
	if f.Group == "" || len(f.Vectors) == 0 {
		return nil, fmt.Errorf("%s: no group, or no vectors", path)
	}
	if err = readPackets(f.Packets); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	for _, v := range f.Vectors {
		v.ofFile = f.Packets
		if err = v.check(); err != nil {
			return nil, fmt.Errorf("%s: %s: %w", path, v.Name, err)
		}
	}
	return f, nil
}

func readPackets(packets map[string]*packet) error {
	for name, p := range packets {
		p.name = name
		for _, line := range p.Bytes {
			word, digits, _ := strings.Cut(line, " ")
			if !slices.Contains([]string{"ipv4", "ipv6", "icmp", "data", "padding"}, word) {
				return fmt.Errorf("%s: %q is not known", name, word)
			}
			data, err := hex.DecodeString(strings.ReplaceAll(digits, " ", ""))
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			p.data = append(p.data, data...)
		}
	}
	return nil
}

// packet is nil if there is none of that name.
func (v *vector) packet(name string) *packet {
	if p := v.Packets[name]; p != nil {
		return p
	}
	return v.ofFile[name]
}

// check holds that everything means something, before anything runs.
func (v *vector) check() error {
	if v.Name == "" || v.Counters == nil {
		return errors.New("no name, or no counters")
	}
	if err := readPackets(v.Packets); err != nil {
		return err
	}
	for name, value := range v.Counters {
		if value == 0 {
			return fmt.Errorf("counter %s: a number from 1 on is expected", name)
		}
	}
	if err := v.checkHandlers(v.Handlers); err != nil {
		return err
	}
	for i := range v.Steps {
		if err := v.checkStep(&v.Steps[i]); err != nil {
			return fmt.Errorf("step %d: %w", i+1, err)
		}
	}
	return nil
}

func (v *vector) checkNames(names ...string) error {
	for _, name := range names {
		if v.packet(name) == nil {
			return fmt.Errorf("there is no packet %q", name)
		}
	}
	return nil
}

func (v *vector) checkStep(s *step) error {
	if s.Handlers != nil {
		if err := v.checkHandlers(*s.Handlers); err != nil {
			return err
		}
	}
	switch {
	case s.Inject != nil && s.Kept == nil && s.Packet == nil:
		return v.checkNames(slices.Concat([]string{*s.Inject}, s.Sees, s.Out)...)
	case s.NIC != nil || s.Sees != nil || s.Out != nil || s.Inject != nil:
		return errors.New("nothing is injected, or something else as well")
	case s.Kept != nil && s.Packet == nil && s.Result != nil:
		return known(*s.Kept, "reply", "reply elsewhere", "packet")
	case s.Packet != nil && s.Kept == nil && s.Result == nil:
		return v.checkNames(*s.Packet)
	case s.Kept != nil || s.Packet != nil || s.Result != nil:
		return errors.New("it is not understood")
	}
	return nil
}

func (v *vector) checkHandlers(handlers []handler) error {
	for _, h := range handlers {
		if err := errors.Join(known(h.Family, "any", "ipv4", "ipv6"), known(h.Then, "consumed", "declined", "fails")); err != nil {
			return err
		}
		for _, a := range h.Does {
			if err := v.checkAction(a); err != nil {
				return err
			}
		}
	}
	return nil
}

func (v *vector) checkAction(a action) error {
	keys := 0
	for _, text := range []*string{a.Reply, a.ReplyElsewhere, a.ReplyKept, a.Keep, a.Inject} {
		if text != nil {
			keys++
		}
	}
	if a.Route != nil {
		keys++
	}
	switch {
	case keys != 1 || (a.Result != nil && a.Inject == nil):
		return errors.New("an action is not understood")
	case a.Keep != nil:
		return known(*a.Keep, "request", "packet")
	case a.Inject != nil:
		return v.checkNames(*a.Inject)
	}
	return nil
}

func known(text string, choices ...string) error {
	if !slices.Contains(choices, text) {
		return fmt.Errorf("%q is not known", text)
	}
	return nil
}
