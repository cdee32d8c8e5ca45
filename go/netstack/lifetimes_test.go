package netstack_test

import (
	"errors"
	"io"
	"math/rand/v2"
	"net/netip"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"netstack.example/go/netstack"
)

// What keeps what alive; what may be changed, removed and closed while packets flow, and inside handlers.

// changes are what others do while packets flow. Each puts back what it did.
var changes = []struct {
	name   string
	change func(t testing.TB, w *wire, at int)
}{
	{"handlers", func(t testing.TB, w *wire, at int) {
		w.handle(func(r *netstack.Request) bool { return r.Reply() == nil })
		check(t, w.stack.RemoveHandler(netstack.AnyFamily))
	}},
	{"addresses", func(t testing.TB, w *wire, at int) {
		one := netip.AddrFrom4([4]byte{10, byte(at), byte(at >> 8), 1})
		check(t, w.nic.AddAddresses(netip.PrefixFrom(one, 24)))
		check(t, w.nic.RemoveAddresses(one))
	}},
	{"prefixes", func(t testing.TB, w *wire, at int) {
		one := netip.PrefixFrom(netip.AddrFrom4([4]byte{11, byte(at), byte(at >> 8), 0}), 24)
		check(t, w.nic.AddLocalPrefixes(one))
		check(t, w.nic.RemoveLocalPrefixes(one))
	}},
	{"routes", func(t testing.TB, w *wire, at int) {
		one := netstack.Route{Destination: netip.MustParsePrefix("12.0.0.0/8"), NIC: w.nic.ID()}
		check(t, w.stack.AddRoutes(one))
		check(t, w.stack.RemoveRoutes(one))
	}},
	{"groups", func(t testing.TB, w *wire, at int) {
		one := netip.MustParseAddr("ff05::77")
		check(t, w.nic.JoinGroup(one))
		check(t, w.nic.LeaveGroup(one))
	}},
	{"flags", func(t testing.TB, w *wire, at int) {
		check(t, w.nic.SetPromiscuous(true))
		check(t, w.nic.SetPromiscuous(false))
		check(t, w.stack.SetEchoPolicy(netstack.IPv4, netstack.GroupDestination, netstack.EchoPolicy(at%3)))
	}},
	{"captures", func(t testing.TB, w *wire, at int) {
		capture := made(netstack.NewCapture(io.Discard))(t)
		check(t, w.nic.SetCapture(capture))
		capture.Close()
		check(t, w.nic.SetCapture(nil))
	}},
	{"NICs", func(t testing.TB, w *wire, at int) {
		link := made(netstack.NewChannel())(t)
		nic := made(w.stack.AddNIC(link))(t)
		link.Inject(request(our4).bytes())
		link.Close()
		check(t, nic.Remove())
	}},
	{"stacks", func(t testing.TB, w *wire, at int) {
		stack := made(netstack.New())(t)
		link := made(netstack.NewChannel())(t)
		made(stack.AddNIC(link, netstack.Address(our4+"/24")))(t)
		check(t, stack.HandleEcho(consume))
		link.Inject(request(our4).bytes())
		if at%2 == 0 {
			stack.Close()
		}
	}},
}

func TestLifetimesInjectorsWhileOthersChangeTheConfiguration(t *testing.T) {
	w := setup{link: []netstack.LinkOption{netstack.Capacity(1)}}.wire(t)
	var over atomic.Bool
	var delivered [2]int
	var injectors, changers sync.WaitGroup
	for at, destination := range []string{our4, our6} {
		injectors.Add(1)
		go func() {
			defer injectors.Done()
			packet := request(destination).bytes()
			for !over.Load() || delivered[at] == 0 {
				if err := w.link.Inject(packet); err != nil {
					t.Errorf("Inject: %v", err)
					return
				}
				delivered[at]++
			}
		}()
	}
	for _, one := range changes {
		changers.Add(1)
		go func() {
			defer changers.Done()
			for at := range 40 {
				one.change(t, w, at)
			}
		}()
	}
	changers.Wait()
	over.Store(true)
	injectors.Wait()
	w.link.Drain()
	check(t, w.stack.SetEchoPolicy(netstack.IPv4, netstack.GroupDestination, netstack.DefaultPolicy))
	same(t, w.answers(request(our4), ""), 1)
	same(t, w.answers(request(our6), ""), 1)
	same(t, len(w.stack.NICs()), 1)
}

// Everything is closed beneath injectors, in any order; what they get then is ErrClosed.
func TestLifetimesClosingBeneathInjectors(t *testing.T) {
	for range 100 {
		w := newWire(t)
		w.handle(func(r *netstack.Request) bool { r.Reply(); return rand.IntN(2) == 0 })
		var injectors sync.WaitGroup
		for range 3 {
			injectors.Add(1)
			go func() {
				defer injectors.Done()
				packet := request(our4).bytes()
				for {
					if err := w.link.Inject(packet); err != nil {
						same(t, errors.Is(err, netstack.ErrClosed), true)
						return
					}
					w.link.TryRead(packet)
				}
			}()
		}
		steps := []func(){
			func() { w.stack.Close() },
			func() { w.link.Close() },
			func() { w.nic.Remove() },
			func() { w.stack.RemoveHandler(netstack.AnyFamily) },
			func() { w.nic.RemoveAddresses(netip.MustParseAddr(our4)) },
			func() { w.stack.Stop() },
		}
		rand.Shuffle(len(steps), func(i, j int) { steps[i], steps[j] = steps[j], steps[i] })
		for _, step := range steps {
			step()
		}
		injectors.Wait()
	}
}

func TestLifetimesNoCallAfterARemovalThatWaited(t *testing.T) {
	w := setup{link: []netstack.LinkOption{netstack.Capacity(1)}}.wire(t)
	var over atomic.Bool
	var injectors sync.WaitGroup
	for range 3 {
		injectors.Add(1)
		go func() {
			defer injectors.Done()
			for packet := request(our4).bytes(); !over.Load(); {
				check(t, w.link.Inject(packet))
			}
		}()
	}
	for at := range 60 {
		var removed, running atomic.Bool
		var calls atomic.Int32
		w.handle(func(r *netstack.Request) bool {
			running.Store(true)
			if removed.Load() {
				t.Error("called after its removal")
			}
			calls.Add(1)
			if removed.Load() {
				t.Error("running after its removal")
			}
			return true
		})
		for calls.Load() == 0 && at%3 != 0 {
			runtime.Gosched()
		}
		if at%2 == 0 {
			check(t, w.stack.RemoveHandler(netstack.AnyFamily))
		} else {
			w.handle(consume)
		}
		removed.Store(true)
	}
	over.Store(true)
	injectors.Wait()
}

func TestLifetimesRemovalWaitsForAHandlerThatRuns(t *testing.T) {
	for name, remove := range map[string]func(w *wire) error{
		"remove":  func(w *wire) error { return w.stack.RemoveHandler(netstack.AnyFamily) },
		"replace": func(w *wire) error { return w.stack.HandleEcho(consume, netstack.Replace()) },
	} {
		w := newWire(t)
		entered, leave := make(chan int), make(chan int)
		var ended atomic.Bool
		w.handle(func(*netstack.Request) bool {
			close(entered)
			<-leave
			ended.Store(true)
			return true
		})
		go w.link.Inject(request(our4).bytes())
		await(t, entered)
		removed := make(chan bool)
		go func() {
			check(t, remove(w))
			removed <- ended.Load()
		}()
		for range 100 {
			runtime.Gosched()
		}
		close(leave)
		if !await(t, removed) {
			t.Errorf("%s did not wait", name)
		}
	}
}

// What never waits for a handler.
func TestLifetimesOtherChangesDoNotWait(t *testing.T) {
	for name, change := range map[string]func(w *wire) error{
		"NIC.Remove":      func(w *wire) error { return w.nic.Remove() },
		"Stack.Close":     func(w *wire) error { return w.stack.Close() },
		"Link.Close":      func(w *wire) error { return w.link.Close() },
		"RemoveAddresses": func(w *wire) error { return w.nic.RemoveAddresses(netip.MustParseAddr(our4)) },
		"Inject": func(w *wire) error {
			return w.link.Inject(reply4(peer4, our4, 1, 1, nil))
		},
		"SetCapture": func(w *wire) error { return w.nic.SetCapture(nil) },
	} {
		w := newWire(t)
		entered, leave, delivered := make(chan int), make(chan int), make(chan error)
		w.handle(func(r *netstack.Request) bool {
			close(entered)
			<-leave
			alive(t, r)
			r.Reply()
			return true
		})
		go func() { delivered <- w.link.Inject(request(our4).bytes()) }()
		await(t, entered)
		changed := make(chan error)
		go func() { changed <- change(w) }()
		if err := await(t, changed); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		close(leave)
		if err := await(t, delivered); err != nil && !errors.Is(err, netstack.ErrClosed) {
			t.Errorf("%s: Inject: %v", name, err)
		}
	}
}

func TestLifetimesHandlerRemovesItself(t *testing.T) {
	w := newWire(t)
	calls := 0
	w.handle(func(r *netstack.Request) bool {
		calls++
		check(t, w.stack.RemoveHandler(netstack.AnyFamily))
		runtime.GC()
		return true
	})
	same(t, w.answers(request(our4), ""), 0)
	same(t, w.answers(request(our4), ""), 1)
	same(t, calls, 1)
}

func TestLifetimesHandlersReplaceThemselves(t *testing.T) {
	w := newWire(t)
	seen := ""
	var first, second netstack.Handler
	first = func(r *netstack.Request) bool { seen += "1"; w.handle(second); return r.Reply() == nil }
	second = func(r *netstack.Request) bool { seen += "2"; w.handle(first); return r.Reply() == nil }
	w.handle(first)
	for range 6 {
		same(t, w.answers(request(our4), ""), 1)
	}
	same(t, seen, "121212")
}

func TestLifetimesTwoHandlersRemoveEachOther(t *testing.T) {
	one, other := newWire(t), newWire(t)
	var together sync.WaitGroup
	together.Add(2)
	remove := func(theirs *wire) netstack.Handler {
		return func(*netstack.Request) bool {
			together.Done()
			together.Wait() // both run now
			check(t, theirs.stack.RemoveHandler(netstack.AnyFamily))
			return true
		}
	}
	one.handle(remove(other))
	other.handle(remove(one))
	done := make(chan int)
	for _, w := range []*wire{one, other} {
		go func() { done <- w.answers(request(our4), "") }()
	}
	same(t, []int{await(t, done), await(t, done)}, []int{0, 0})
	same(t, one.answers(request(our4), ""), 1)
	same(t, other.answers(request(our4), ""), 1)
}

func TestLifetimesHandlerClosesWhatItStandsOn(t *testing.T) {
	for name, end := range map[string]func(w *wire){
		"NIC":   func(w *wire) { check(t, w.nic.Remove()) },
		"link":  func(w *wire) { w.link.Close() },
		"stack": func(w *wire) { w.stack.Close() },
	} {
		w := newWire(t)
		w.handle(func(r *netstack.Request) bool {
			end(w)
			runtime.GC()
			if err := w.link.Inject(request(our4).bytes()); !errors.Is(err, netstack.ErrClosed) {
				t.Errorf("%s: Inject inside: %v", name, err)
			}
			alive(t, r)
			r.Reply()
			return true
		})
		if err := w.link.Inject(request(our4).bytes()); err != nil && !errors.Is(err, netstack.ErrClosed) {
			t.Errorf("%s: %v", name, err)
		}
		if err := w.link.Inject(request(our4).bytes()); !errors.Is(err, netstack.ErrClosed) {
			t.Errorf("%s: Inject afterwards: %v", name, err)
		}
	}
}

func TestLifetimesHandlersNestEightDeep(t *testing.T) {
	w := newWire(t)
	var depths []uint16
	var deepest error
	w.handle(func(r *netstack.Request) bool {
		depths = append(depths, r.Sequence())
		if err := w.link.Inject(numbered(our4, r.Sequence()+1).bytes()); err != nil {
			deepest = err
		}
		return r.Reply() == nil
	})
	// The packet from outside, and eight inside.
	same(t, len(w.send(numbered(our4, 0).bytes())), 9)
	same(t, depths, []uint16{0, 1, 2, 3, 4, 5, 6, 7, 8})
	same(t, deepest, netstack.ErrBusy)
}

// released is a channel that is closed once some value of a closure's is gone.
func released(use func(value *[64]byte)) <-chan int {
	freed := make(chan int, 1)
	value := new([64]byte)
	runtime.AddCleanup(value, func(int) { close(freed) }, 0)
	use(value)
	return freed
}

// handlerOf needs the value.
func handlerOf(value *[64]byte) netstack.Handler {
	return func(*netstack.Request) bool { return value[0] == 0 }
}

func kept(t testing.TB, freed <-chan int) {
	t.Helper()
	runtime.GC()
	runtime.GC()
	select {
	case <-freed:
		t.Error("it is gone already")
	default:
	}
}

func TestLifetimesHandlersAreLetGo(t *testing.T) {
	for name, end := range map[string]func(w *wire){
		"RemoveHandler": func(w *wire) { check(t, w.stack.RemoveHandler(netstack.AnyFamily)) },
		"Replace":       func(w *wire) { w.handle(consume) },
		"Close":         func(w *wire) { w.stack.Close() },
		"one family after the other": func(w *wire) {
			check(t, w.stack.RemoveHandler(netstack.IPv4))
			check(t, w.stack.RemoveHandler(netstack.IPv6))
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWire(t)
			freed := released(func(value *[64]byte) { w.handle(handlerOf(value)) })
			same(t, w.answers(request(our4), ""), 0)
			kept(t, freed)
			end(w)
			collected(t, freed)
		})
	}
}

func TestLifetimesHandlerThatWasRefusedIsLetGo(t *testing.T) {
	w := newWire(t)
	w.handle(consume)
	freed := released(func(value *[64]byte) {
		same(t, errors.Is(w.stack.HandleEcho(handlerOf(value)), netstack.ErrBusy), true)
	})
	collected(t, freed)
}

func TestLifetimesHandlerThatWasLeftIsLetGo(t *testing.T) {
	for _, end := range []func(){func() { panic(errMine) }, runtime.Goexit} {
		w := newWire(t)
		freed := released(func(value *[64]byte) {
			w.handle(func(*netstack.Request) bool { value[0]++; end(); return true })
		})
		lived(func() { w.link.Inject(request(our4).bytes()) })
		check(t, w.stack.RemoveHandler(netstack.AnyFamily))
		collected(t, freed)
	}
}

// Closed or removed in either order.
func TestLifetimesLinksAndCapturesLetTheirWritersGo(t *testing.T) {
	writer := func(value *[64]byte) io.Writer {
		return writes(func([]byte) error { value[0]++; return nil })
	}
	for _, first := range []bool{false, true} {
		w := newWire(t)
		var link *netstack.WriterLink
		var nic *netstack.NIC
		freed := released(func(value *[64]byte) {
			link = made(netstack.NewWriterLink(writer(value)))(t)
			nic = made(w.stack.AddNIC(link, netstack.Address("10.0.0.1/24")))(t)
			check(t, link.Inject(request("10.0.0.1").bytes()))
		})
		if first {
			link.Close()
			kept(t, freed)
			check(t, nic.Remove())
		} else {
			check(t, nic.Remove())
			kept(t, freed)
			link.Close()
		}
		collected(t, freed)

		var capture *netstack.Capture
		freed = released(func(value *[64]byte) {
			capture = made(netstack.NewCapture(writer(value)))(t)
			check(t, w.nic.SetCapture(capture))
		})
		if first {
			capture.Close()
			kept(t, freed)
			check(t, w.nic.SetCapture(nil))
		} else {
			check(t, w.nic.SetCapture(nil))
			kept(t, freed)
			capture.Close()
		}
		runtime.KeepAlive(link)
		capture = nil // which has the writer, for Err
		collected(t, freed)
	}
}

// What nobody closed and nobody has any more is closed by the garbage collector, and lets go of what it had.
func TestLifetimesTheGarbageCollectorCloses(t *testing.T) {
	freed := released(func(value *[64]byte) {
		clock := made(netstack.NewManualClock(0))(t)
		stack := made(netstack.New(netstack.WithClock(clock)))(t)
		link := made(netstack.NewChannel())(t)
		made(stack.AddNIC(link, netstack.Address(our4+"/24")))(t)
		check(t, stack.HandleEcho(handlerOf(value)))
		check(t, link.Inject(request(our4).bytes()))
		runtime.KeepAlive(stack) // a link keeps none
	})
	collected(t, freed)
	freed = released(func(value *[64]byte) {
		made(netstack.NewWriterLink(writes(func([]byte) error { value[0]++; return nil })))(t)
	})
	collected(t, freed)
	freed = released(func(value *[64]byte) {
		made(netstack.NewCapture(writes(func([]byte) error { value[0]++; return nil })))(t)
	})
	collected(t, freed)
}

// Who keeps only the link still has a network behind it.
func TestLifetimesALinkKeepsItsStack(t *testing.T) {
	link := func() *netstack.Channel {
		stack := made(netstack.New())(t)
		link := made(netstack.NewChannel())(t)
		made(stack.AddNIC(link, netstack.Address(our4+"/24")))(t)
		return link
	}()
	runtime.GC()
	runtime.GC()
	check(t, link.Inject(request(our4).bytes()))
	same(t, len(link.Drain()), 1)
}

// A stack, a NIC and a link that somebody has are used, however much garbage is collected.
func TestLifetimesANICKeepsItsStackAndItsLink(t *testing.T) {
	var stack *netstack.Stack
	nic := func() *netstack.NIC {
		w := newWire(t)
		stack = w.stack
		return w.nic
	}()
	runtime.GC()
	runtime.GC()
	same(t, nic.Stack() == stack && !stack.IsClosed(), true)
	same(t, nic.ID(), uint32(1))
	same(t, stack.NICs()[1] == nic, true)
	link := nic.Link().(*netstack.Channel)
	check(t, link.Inject(request(our4).bytes()))
	same(t, len(link.Drain()), 1)
}

func TestLifetimesANumberIsGivenAgain(t *testing.T) {
	w := newWire(t)
	links := []*netstack.Channel{}
	nics := []*netstack.NIC{}
	for range 3 {
		links = append(links, made(netstack.NewChannel())(t))
		nics = append(nics, made(w.stack.AddNIC(links[len(links)-1]))(t))
	}
	same(t, []uint32{nics[0].ID(), nics[1].ID(), nics[2].ID()}, []uint32{2, 3, 4})
	check(t, nics[1].Remove())
	again := made(w.stack.AddNIC(links[1]))(t)
	same(t, again.ID(), uint32(3))
	// The one that was removed is not taken for the new one.
	same(t, errors.Is(nics[1].Remove(), netstack.ErrNotFound), true)
	same(t, errors.Is(nics[1].SetPromiscuous(true), netstack.ErrNotFound), true)
	check(t, again.Remove())
}
