"""A stack inside an asyncio loop: it answers 10.7.0.0/16 and pings the host at the same time.

sudo python aio_stack.py       and then: ping 10.7.1.2
"""

import asyncio
import contextlib

import netstack
import netstack.aio


async def main() -> None:
    async with netstack.aio.Stack() as stack:
        tun = netstack.Tun("tun0", host_addresses=["10.7.255.254/16"])
        stack.add_nic(tun, addresses=["10.7.0.1/16"], prefixes=["10.7.0.0/16"])

        @stack.on_echo
        def answer(request: netstack.Request) -> bool:
            return request.reply()

        replies = await asyncio.gather(*(stack.ping("10.7.255.254", sequence=at) for at in range(3)))
        for reply in replies:
            print(
                reply.packet.source, "answered", reply.packet.sequence, f"after {reply.rtt:.6f} s", flush=True
            )
        await stack.run()


with contextlib.suppress(KeyboardInterrupt):
    asyncio.run(main())
