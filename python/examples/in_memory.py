"""A test without a network: bytes in, bytes out, time by hand."""

import netstack

# IPv4 from 192.168.0.2 to 192.168.0.1 and back: TOS, identification and DF are kept, the TTL is new.
echo_request = bytes.fromhex("45200020beef40000301377ac0a80002c0a8000108002e6604d2000161626364")
echo_reply = bytes.fromhex("45200020beef40004001fa79c0a80001c0a800020000366604d2000161626364")

clock = netstack.ManualClock()
stack = netstack.Stack(clock=clock)
wire = netstack.Channel(mtu=1500)
stack.add_nic(wire, addresses=["192.168.0.1/24"])
wire.inject(echo_request)
clock.advance(4.242)
stack.poll()
assert wire.drain() == [echo_reply]
print("answered at", stack.time())
