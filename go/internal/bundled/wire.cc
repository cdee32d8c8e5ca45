#include "netstack/wire/checksum.cc"
#include "netstack/wire/text.cc"
