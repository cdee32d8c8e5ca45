#include "netstack/ip/fragments.cc"
