package netstack_test

import (
	"encoding/json"
	"expvar"
	"maps"
	"strings"
	"testing"

	"netstack.example/go/netstack"
)

var _ expvar.Var = (*netstack.Stats)(nil)

// countSome lets one echo in, which is answered.
func countSome(t *testing.T, n network) {
	t.Helper()
	must(t, n.wire.Inject(echo4("192.168.0.2", "192.168.0.1", 1, 1, nil)))
}

func TestStatsGet(t *testing.T) {
	n := newNetwork(t)
	countSome(t, n)
	for name, want := range map[string]uint64{
		"icmp.v4.received.echo_request": 1, "icmp.v4.sent.echo_reply": 1, "icmp.v6.sent.echo_reply": 0,
		"nic.1.rx.packets": 1, "nic.1.rx.bytes": 28,
	} {
		if got := counter(t, n.stack.Stats(), name); got != want {
			t.Errorf("%s is %d, want %d", name, got, want)
		}
	}
	for name, want := range map[string]uint64{"rx.packets": 1, "rx.bytes": 28, "ip.v4.packets_sent": 1, "ip.v6.packets_sent": 0} {
		if got := counter(t, n.nic.Stats(), name); got != want {
			t.Errorf("the NIC's %s is %d, want %d", name, got, want)
		}
	}
	for name, quoted := range map[string]string{
		"": `""`, "rx": `"rx"`, "nic.1.rx.packets ": `"nic.1.rx.packets "`, "nic.1.rx.packets\x00": `"nic.1.rx.packets\x00"`,
	} {
		_, err := n.stack.Stats().Get(name)
		wantError(t, err, netstack.ErrNotFound, "netstack: Stats.Get: there is no counter "+quoted)
	}
	_, err := n.nic.Stats().Get("icmp.v4.sent.nothing")
	wantError(t, err, netstack.ErrNotFound, `netstack: Stats.Get: there is no counter "icmp.v4.sent.nothing"`)
}

func TestStatsSnapshot(t *testing.T) {
	n := newNetwork(t)
	before, err := n.stack.Stats().Snapshot()
	must(t, err)
	countSome(t, n)
	after, err := n.stack.Stats().Snapshot()
	must(t, err)
	if before["icmp.v4.sent.echo_reply"] != 0 || after["icmp.v4.sent.echo_reply"] != 1 {
		t.Error("a snapshot is of another moment")
	}
	ofNIC, err := n.nic.Stats().Snapshot()
	must(t, err)
	want := map[string]uint64{}
	for name, value := range after {
		if rest, ours := strings.CutPrefix(name, "nic.1."); ours {
			want[rest] = value
		}
	}
	if !maps.Equal(ofNIC, want) || len(want) == 0 {
		t.Errorf("the NIC's counters are %v, want %v", ofNIC, want)
	}
}

func TestStatsString(t *testing.T) {
	n := newNetwork(t)
	countSome(t, n)
	for _, stats := range []*netstack.Stats{n.stack.Stats(), n.nic.Stats()} {
		want, err := stats.Snapshot()
		must(t, err)
		var got map[string]uint64
		text := stats.String()
		if err = json.Unmarshal([]byte(text), &got); err != nil {
			t.Fatalf("%v in %s", err, text)
		}
		if !maps.Equal(got, want) {
			t.Errorf("counters %v, want %v", got, want)
		}
		if again := stats.String(); again != text {
			t.Error("another order the second time")
		}
	}
}

func TestStatsOfNICThatWasRemoved(t *testing.T) {
	n := newNetwork(t)
	countSome(t, n)
	stats := n.nic.Stats()
	must(t, n.nic.Remove())
	_, err := n.stack.AddNIC(n.wire, netstack.ID(1)) // not the same
	must(t, err)
	_, err = stats.Get("rx.packets")
	wantError(t, err, netstack.ErrNotFound, "netstack: Stats.Get: NIC 1 was removed")
	_, err = stats.Snapshot()
	wantError(t, err, netstack.ErrNotFound, "netstack: Stats.Snapshot: NIC 1 was removed")
	if text := stats.String(); text != "{}" {
		t.Errorf("String is %s, want {}", text)
	}
	if got := counter(t, n.stack.Stats(), "icmp.v4.sent.echo_reply"); got != 1 {
		t.Errorf("the stack counts %d, want 1: NICs that were removed included", got)
	}
}

func TestStatsClosed(t *testing.T) {
	n := newNetwork(t)
	must(t, n.stack.Close())
	for _, stats := range []*netstack.Stats{n.stack.Stats(), n.nic.Stats(), new(netstack.Stack).Stats(), {}} {
		_, err := stats.Get("rx.packets")
		wantError(t, err, netstack.ErrClosed, "netstack: Stats.Get: it is closed, or was never made")
		counters, err := stats.Snapshot()
		wantError(t, err, netstack.ErrClosed, "netstack: Stats.Snapshot: it is closed, or was never made")
		if text := stats.String(); counters != nil || text != "{}" {
			t.Errorf("counters %v, String %s, want none", counters, text)
		}
	}
}
