/**
 * @file
 * All of netstack: a user-space IP stack whose embedder decides about each
 * Echo Request who owns it and whether the stack answers.
 *
 * A stack has NICs; a NIC is made from a link (TUN, channel, open descriptor,
 * callbacks) with addresses and local prefixes; a forwarder carries the
 * handler; a handler gets a request. base.h says what holds everywhere.
 */
#ifndef NETSTACK_NETSTACK_H
#define NETSTACK_NETSTACK_H

#include <netstack/address.h>
#include <netstack/base.h>
#include <netstack/capture.h>
#include <netstack/clock.h>
#include <netstack/icmp.h>
#include <netstack/link.h>
#include <netstack/nic.h>
#include <netstack/packet.h>
#include <netstack/ping.h>
#include <netstack/ping_socket.h>
#include <netstack/random.h>
#include <netstack/raw_socket.h>
#include <netstack/request.h>
#include <netstack/route.h>
#include <netstack/stack.h>
#include <netstack/stats.h>
#include <netstack/version.h>

#endif /* NETSTACK_NETSTACK_H */
