"""Prints who pings 10.7.0.1 and fd07::1, and leaves the answer to the stack.

sudo python observer.py        and then: ping 10.7.0.1
"""

import netstack

with netstack.Stack() as stack:
    tun = netstack.Tun("tun0", host_addresses=["10.7.255.254/16", "fd07::ffff/64"])
    stack.add_nic(tun, addresses=["10.7.0.1/16", "fd07::1/64"])

    @stack.on_echo
    def observer(request: netstack.Request) -> None:
        print(request.source, "asks", request.destination, "with TTL", request.ttl, flush=True)

    try:
        stack.run()
    except KeyboardInterrupt:
        print("answered", stack.stats["icmp.v4.sent.echo_reply"] + stack.stats["icmp.v6.sent.echo_reply"])
