import netstack

stack = netstack.Stack()
stack.add_nic(netstack.Tun("tun0"), prefixes=["10.7.0.0/16", "fd07::/64"])

@stack.on_echo           # a second one raises unless replace=True; family=4 or 6 for one only
def answer(request):
    request.reply()
    return True          # consumed; False or nothing: declined; anything else is a TypeError

stack.run()              # Ctrl-C ends it
