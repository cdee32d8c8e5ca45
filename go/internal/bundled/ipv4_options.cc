#include "netstack/ip/ipv4_options.cc"
