// Command go runs files of vectors through the package netstack. ../README.md says what the files are and what is
// printed.
package main

import (
	"fmt"
	"os"
	"time"
)

func main() {
	if len(os.Args) < 2 {
		refuse("no files")
	}
	var files []*file
	for _, path := range os.Args[1:] {
		f, err := readFile(path)
		if err != nil {
			refuse(err)
		}
		files = append(files, f)
	}
	status := 0
	for _, f := range files {
		for _, v := range f.Vectors {
			difference, err := run(v)
			switch {
			case err != nil:
				refuse(fmt.Errorf("%s: %s: %w", f.path, v.Name, err))
			case difference != "":
				fmt.Printf("FAILED %s: %s: %s\n", f.Group, v.Name, difference)
				status = 1
			default:
				fmt.Printf("ok %s: %s\n", f.Group, v.Name)
			}
		}
	}
	os.Exit(status)
}

func refuse(why any) {
	fmt.Fprintln(os.Stderr, why)
	os.Exit(2)
}

// run returns what differs. An error is configuration that the library refuses.
func run(v *vector) (difference string, err error) {
	s, err := newScene(v)
	if err != nil {
		return "", err
	}
	defer s.close()
	for i := range v.Steps {
		s.place = fmt.Sprintf("step %d: ", i+1)
		if err = s.run(&v.Steps[i]); err != nil {
			return "", err
		}
	}
	s.place = ""
	err = s.compareCounters()
	return s.difference, err
}

func (s *scene) run(now *step) error {
	s.step, s.seen = now, 0
	if now.Handlers != nil {
		if err := s.install(*now.Handlers); err != nil {
			return err
		}
	}
	if now.Sockets != nil {
		s.closeSockets()
		if err := s.openSockets(*now.Sockets); err != nil {
			return err
		}
	}
	if now.Advance > 0 {
		s.compare("advance", resultOf(s.clock.Advance(time.Duration(now.Advance)*time.Second)), "ok")
		_, err := s.stack.Poll()
		s.compare("poll", resultOf(err), "ok")
	}
	switch {
	case now.Inject != nil:
		wanted := "ok"
		if now.Result != nil {
			wanted = *now.Result
		}
		s.compare("result", s.inject(*now.Inject), wanted)
		s.compare("sees", fmt.Sprint(s.seen, " requests"), fmt.Sprint(len(now.Sees), " requests"))
	case now.Kept != nil && *now.Kept == "reply":
		s.compare("kept", resultOf(s.kept.Reply()), *now.Result)
	case now.Kept != nil && *now.Kept == "reply elsewhere":
		s.compare("kept", resultOf(replyElsewhere(s.kept)), *now.Result)
	case now.Kept != nil:
		_, err := s.kept.Packet()
		s.compare("kept", resultOf(err), *now.Result)
	case now.Packet != nil:
		s.compareBytes("packet", s.keptPacket.Bytes(), s.vector.packet(*now.Packet))
	}
	s.compareSent()
	return nil
}

// compareSent holds what waits in the links against what the step says, by the NIC that had the packet.
func (s *scene) compareSent() {
	for number, wire := range s.wires {
		var wanted []string
		if number == s.nic() {
			wanted = s.step.Out
		}
		sent := wire.Drain()
		for i, data := range sent {
			if i < len(wanted) {
				s.compareBytes("out", data, s.vector.packet(wanted[i]))
			} else {
				s.compareBytes("out", data, &packet{name: "nothing"})
			}
		}
		if len(sent) < len(wanted) {
			s.differ("out: %d packets, not %d", len(sent), len(wanted))
		}
	}
}

func (s *scene) compareCounters() error {
	counters, err := s.stack.Stats().Snapshot()
	for name, value := range counters {
		if value != s.vector.Counters[name] {
			s.differ("counter %s: %d, not %d", name, value, s.vector.Counters[name])
		}
	}
	for name := range s.vector.Counters {
		if _, there := counters[name]; !there {
			s.differ("counter %s: there is none", name)
		}
	}
	return err
}
