"""A ping that needs no raw socket: the stack at 10.7.0.1 asks the host it is connected to.

sudo python ping.py [ADDRESS]
"""

import sys

import netstack

destination = sys.argv[1] if len(sys.argv) > 1 else "10.7.255.254"
with netstack.Stack() as stack:
    tun = netstack.Tun("tun0", host_addresses=["10.7.255.254/16", "fd07::ffff/64"])
    stack.add_nic(tun, addresses=["10.7.0.1/16", "fd07::1/64"])
    for sequence in range(1, 4):
        try:
            reply = stack.ping(destination, sequence=sequence, payload=bytes(56), timeout=2.0)
        except netstack.TimedOut:
            print("no answer from", destination, "in time")
        else:
            print(
                f"{len(reply.packet)} bytes from {reply.packet.source}: "
                f"icmp_seq={sequence} ttl={reply.packet.ttl} time={reply.rtt * 1000:.3f} ms"
            )
