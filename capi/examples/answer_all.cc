#include <netstack/netstack.hpp>
#include <iostream>

int main()
{
    try {
        netstack::Stack stack;
        stack.AddNic(1, netstack::Link::Tun("tun0"));
        stack.AddLocalPrefix(1, "10.7.0.0/16");
        stack.AddLocalPrefix(1, "fd07::/64");
        stack.OnEcho([](netstack::Request &request) {
            request.Reply();              // the stack's own Echo Reply, from the address that was asked
            return true;                  // and nobody else handles it
        });
        stack.Run();                      // until stack.Stop(), from any thread or a signal handler
    } catch (const netstack::Error &error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
}
