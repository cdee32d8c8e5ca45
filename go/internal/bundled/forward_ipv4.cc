#include "netstack/ip/forward_ipv4.cc"
