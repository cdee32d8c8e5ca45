#include "netstack/packet/kept_packet.cc"
