#include "netstack/link/link.cc"

#include "netstack/link/callback_link.cc"
#include "netstack/link/capture.cc"
#include "netstack/link/channel.cc"
#include "netstack/link/descriptor_link.cc"
#include "netstack/link/host_device.cc"
#include "netstack/link/record_sink.cc"
#include "netstack/link/tun.cc"
