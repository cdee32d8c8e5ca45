#include "netstack/ip/icmpv6_input.cc"
#include "netstack/ip/ipv6_input.cc"
