// The same as consumer.c by the C++ header.
#include <netstack/netstack.hpp>
#include <cstdio>

int main()
{
    try {
        netstack::CheckVersion();
        netstack::Stack stack;
        netstack::Link link = netstack::Link::Channel();
        stack.AddNic(1, link);
    } catch (const netstack::Error &error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
    std::printf("netstack %s\n", netstack::VersionString());
}
