#include "netstack/wire/checksum.cc"
#include "netstack/wire/icmp_error_message.cc"
#include "netstack/wire/quoted_packet.cc"
#include "netstack/wire/text.cc"
