#include "netstack/icmp/forwarder.cc"
#include "netstack/icmp/packet_queue.cc"
#include "netstack/icmp/request.cc"
#include "netstack/icmp/socket_table.cc"
