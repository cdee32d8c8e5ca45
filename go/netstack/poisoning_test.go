package netstack_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"

	"netstack.example/go/netstack"
)

// A request may be used in its handler's goroutine until the handler returns, and nowhere else, ever.

// expired holds that every capability says that it is gone, and goes on saying so.
func expired(t testing.TB, r *netstack.Request) {
	t.Helper()
	for range 2 {
		if err := r.Reply(); !errors.Is(err, netstack.ErrRequestExpired) {
			t.Errorf("Reply: %v", err)
		}
		if packet, err := r.Packet(); !errors.Is(err, netstack.ErrRequestExpired) || packet != nil {
			t.Errorf("Packet: %v, %v", packet, err)
		}
		had := append(make([]byte, 0, 2000), "had"...)
		out, err := r.AppendPacket(had)
		if !errors.Is(err, netstack.ErrRequestExpired) || string(out) != "had" {
			t.Errorf("AppendPacket: %q, %v", out, err)
		}
		if out, err = r.AppendPacket(nil); !errors.Is(err, netstack.ErrRequestExpired) || out != nil {
			t.Errorf("AppendPacket(nil): %q, %v", out, err)
		}
		if !r.IsExpired() {
			t.Error("IsExpired: false")
		}
	}
}

// alive holds that every capability is there, but for Reply, which would answer.
func alive(t testing.TB, r *netstack.Request) {
	t.Helper()
	packet, err := r.Packet()
	if err != nil || r.IsExpired() || len(packet.Bytes()) != r.Len() {
		t.Errorf("Packet: %v, %v; IsExpired: %v", packet, err, r.IsExpired())
	}
	if out, err := r.AppendPacket([]byte("had")); err != nil || len(out) != 3+r.Len() {
		t.Errorf("AppendPacket: %q, %v", out, err)
	}
}

// facts is everything that a request says of itself, as text.
func facts(r *netstack.Request) string {
	return fmt.Sprint(r.String(), r.Source(), r.Destination(), r.NIC(), r.Identifier(), r.Sequence(), r.Type(),
		r.Code(), r.TTL(), r.TOS(), r.Len(), r.IsTemporary(), r.IsBroadcast(), r.IsMulticast(), r.HasBadChecksum())
}

// keeper is a handler that keeps its requests, and then does something with them.
type keeper struct {
	kept  []*netstack.Request
	facts []string
}

func (k *keeper) then(t testing.TB, do netstack.Handler) netstack.Handler {
	return func(r *netstack.Request) bool {
		alive(t, r)
		k.kept = append(k.kept, r)
		k.facts = append(k.facts, facts(r))
		return do(r)
	}
}

func consume(*netstack.Request) bool { return true }

func TestExpiredAfterTheHandlerReturned(t *testing.T) {
	each(t, func(t *testing.T, at int, verdict bool) {
		w := newWire(t)
		var k keeper
		w.handle(k.then(t, func(*netstack.Request) bool { return verdict }))
		w.send(request(families[at].ours).bytes())
		expired(t, k.kept[0])
		elsewhere(func() { expired(t, k.kept[0]) })
		same(t, facts(k.kept[0]), k.facts[0])
		same(t, len(w.link.Drain()), 0)
	})
}

func TestExpiredAfterAPanicAndAfterGoexit(t *testing.T) {
	for _, end := range []func(){func() { panic("mine") }, runtime.Goexit} {
		w := newWire(t)
		var k keeper
		w.handle(k.then(t, func(*netstack.Request) bool { end(); return true }))
		lived(func() {
			// As soon as the call is left, in the goroutine that leaves it.
			defer func() { expired(t, k.kept[0]) }()
			w.link.Inject(request(our4).bytes())
		})
		expired(t, k.kept[0])
	}
}

func TestExpiredAfterEverythingWasClosed(t *testing.T) {
	w := newWire(t)
	var k keeper
	w.handle(k.then(t, consume))
	w.send(request(our6).bytes())
	check(t, w.stack.RemoveHandler(netstack.AnyFamily))
	expired(t, k.kept[0])
	w.stack.Close()
	expired(t, k.kept[0])
	w.link.Close()
	runtime.GC()
	expired(t, k.kept[0])
	elsewhere(func() { expired(t, k.kept[0]) })
	same(t, facts(k.kept[0]), k.facts[0])
}

func TestAliveInTheHandlerThatClosedEverything(t *testing.T) {
	w := newWire(t)
	var k keeper
	w.handle(k.then(t, func(r *netstack.Request) bool {
		check(t, w.stack.RemoveHandler(netstack.AnyFamily))
		alive(t, r)
		check(t, w.nic.Remove())
		w.link.Close()
		w.stack.Close()
		runtime.GC()
		alive(t, r)
		return true
	}))
	w.link.Inject(request(our4).bytes())
	expired(t, k.kept[0])
}

func TestExpiredInAnotherGoroutineWhileTheHandlerRuns(t *testing.T) {
	each(t, func(t *testing.T, at int, verdict bool) {
		w := newWire(t)
		w.handle(func(r *netstack.Request) bool {
			elsewhere(func() { expired(t, r) })
			alive(t, r)
			check(t, r.Reply())
			elsewhere(func() { expired(t, r) })
			alive(t, r)
			return verdict
		})
		same(t, w.answers(request(families[at].ours), ""), 1)
	})
}

func TestExpiredInAnotherGoroutinesHandlerOfItsOwn(t *testing.T) {
	w, other := newWire(t), newWire(t)
	w.handle(func(outer *netstack.Request) bool {
		other.handle(func(r *netstack.Request) bool {
			expired(t, outer)
			alive(t, r)
			return r.Reply() == nil
		})
		elsewhere(func() { same(t, other.answers(request(our4), ""), 1) })
		alive(t, outer)
		return true
	})
	same(t, w.answers(request(our4), ""), 0)
}

func TestNestedHandlerUsesTheOuterRequest(t *testing.T) {
	w := newWire(t)
	var outer, inner *netstack.Request
	w.handle(func(r *netstack.Request) bool {
		if r.Sequence() == 2 {
			inner = r
			alive(t, outer)
			alive(t, inner)
			check(t, outer.Reply())
			return true
		}
		outer = r
		check(t, w.link.Inject(numbered(our6, 2).bytes()))
		alive(t, outer)
		expired(t, inner)
		return true
	})
	same(t, w.answers(numbered(our4, 1), ""), 1)
	expired(t, outer)
	expired(t, inner)
}

func TestCopiesOfARequestDieWithIt(t *testing.T) {
	w := newWire(t)
	var copies []*netstack.Request
	w.handle(func(r *netstack.Request) bool {
		value := *r
		onHeap := new(netstack.Request)
		*onHeap = *r
		copies = []*netstack.Request{&value, onHeap}
		for _, one := range copies {
			alive(t, one)
			check(t, one.Reply()) // one reply, however often
		}
		return false
	})
	same(t, w.answers(request(our4), ""), 1)
	for _, one := range copies {
		expired(t, one)
	}
}

// What a copy is told about its length does not matter: the library knows it.
func TestCopyWithOtherFactsHasTheSamePacket(t *testing.T) {
	w := newWire(t)
	e := request(our4)
	w.handle(func(r *netstack.Request) bool {
		forged := *r
		forged.PacketInfo = netstack.PacketInfo{}
		for _, dst := range [][]byte{nil, make([]byte, 0, 1), make([]byte, 0, 2000)} {
			out, err := forged.AppendPacket(dst)
			check(t, err)
			same(t, out, e.bytes())
		}
		return true
	})
	same(t, w.answers(e, ""), 0)
}

func TestExpiredIsTheZeroRequest(t *testing.T) {
	expired(t, &netstack.Request{})
	w := newWire(t)
	w.handle(func(r *netstack.Request) bool {
		expired(t, &netstack.Request{})
		expired(t, &netstack.Request{PacketInfo: r.PacketInfo})
		return true
	})
	w.send(request(our4).bytes())
}

func TestRequestWrittenOverIsTheOther(t *testing.T) {
	w := newWire(t)
	var first *netstack.Request
	w.handle(func(r *netstack.Request) bool {
		if first == nil {
			first = r
			return true
		}
		expired(t, first)
		*first = *r
		alive(t, first)
		return true
	})
	w.send(numbered(our4, 1).bytes())
	w.send(numbered(our4, 2).bytes())
	expired(t, first)
}

func TestAliveWhileItsHandlerIsReplaced(t *testing.T) {
	w := newWire(t)
	w.handle(func(r *netstack.Request) bool {
		w.handle(consume)
		alive(t, r)
		return r.Reply() == nil
	})
	same(t, w.answers(request(our4), ""), 1)
	same(t, w.answers(request(our4), ""), 0)
}

func TestAppendPacketAppends(t *testing.T) {
	w := newWire(t)
	e := request(our6)
	w.handle(func(r *netstack.Request) bool {
		for _, dst := range [][]byte{nil, {}, []byte("had"), make([]byte, 0, 7), append(make([]byte, 0, 500), "had"...)} {
			out, err := r.AppendPacket(dst)
			check(t, err)
			same(t, out, append(append([]byte{}, dst...), e.bytes()...))
			if cap(dst)-len(dst) >= r.Len() && &out[0] != &dst[:1][0] {
				t.Error("memory that had room was not used")
			}
		}
		return true
	})
	w.send(append(e.bytes(), "padding"...))
}

// No goroutine ever has another's request: four, each with requests of its own and those that the others have
// at that moment.
func TestNoGoroutineHasAnothersRequest(t *testing.T) {
	w := newWire(t)
	var mutex sync.Mutex
	current := map[uint16]*netstack.Request{}
	w.handle(func(r *netstack.Request) bool {
		mutex.Lock()
		current[r.Identifier()] = r
		others := make([]*netstack.Request, 0, len(current))
		for owner, other := range current {
			if owner != r.Identifier() {
				others = append(others, other)
			}
		}
		mutex.Unlock()
		for _, other := range others {
			if packet, err := other.Packet(); err == nil {
				t.Errorf("%v is alive in the handler of %v", packet, r)
			}
			if err := other.Reply(); err != netstack.ErrRequestExpired {
				t.Errorf("Reply of another's: %v", err)
			}
		}
		if packet, err := r.Packet(); err != nil || packet.Sequence() != r.Sequence() {
			t.Errorf("mine: %v, %v", packet, err)
		}
		return true
	})
	var injectors sync.WaitGroup
	for identifier := range uint16(4) {
		injectors.Add(1)
		go func() {
			defer injectors.Done()
			for sequence := range uint16(250) {
				w.link.Inject(echo4(peer4, our4, identifier, sequence, nil))
				if rand.IntN(8) == 0 {
					runtime.Gosched()
				}
			}
		}()
	}
	injectors.Wait()
	same(t, len(w.link.Drain()), 0)
}
