#include "netstack/ip/forward_ipv6.cc"
