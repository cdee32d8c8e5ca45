"""Every address of a large network answers, without one of them being stored.

One address is assigned: the stack answers for it by itself, and the handler leaves it alone.

    sudo python large_space.py     and then: ping 10.7.200.3
"""

import netstack

with netstack.Stack() as stack:
    tun = netstack.Tun("tun0", host_addresses=["10.7.255.254/16", "fd07::ffff/64"])
    stack.add_nic(tun, addresses=["10.7.0.1/16"], prefixes=["10.7.0.0/16", "fd07::/64"])

    @stack.on_echo
    def large_space(request: netstack.Request) -> bool:
        return request.is_temporary and request.reply()

    try:
        stack.run()
    except KeyboardInterrupt:
        print("consumed", stack.stats["forwarder.consumed"], "declined", stack.stats["forwarder.declined"])
