#include "netstack/ip/ipv6_headers.cc"
