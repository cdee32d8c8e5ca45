#include "netstack/ip/icmp_error.cc"
