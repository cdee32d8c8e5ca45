/**
 * @file
 * All of netstack for C++17: the C ABI with owners, exceptions and function objects.
 *
 *     netstack::Stack stack;
 *     stack.AddNic(1, netstack::Link::Tun("tun0"));
 *     stack.AddLocalPrefix(1, "10.7.0.0/16");
 *     stack.OnEcho([](netstack::Request& request) {
 *       request.Reply();
 *       return true;
 *     });
 *     stack.Run();
 *
 * Header only, over the C headers, which say more about each function. What fails throws
 * netstack::Error; what is no failure in daily use (nothing to read, a packet that nobody takes) is
 * a value. Owners move and free in the end; get() and release() lead back to the C ABI. Exceptions
 * of callbacks come out of the call beneath which they were thrown: hpp/callback.hpp has the rules.
 */
#ifndef NETSTACK_NETSTACK_HPP
#define NETSTACK_NETSTACK_HPP

#include <netstack/hpp/address.hpp>
#include <netstack/hpp/bytes.hpp>
#include <netstack/hpp/callback.hpp>
#include <netstack/hpp/capture.hpp>
#include <netstack/hpp/clock.hpp>
#include <netstack/hpp/error.hpp>
#include <netstack/hpp/icmp.hpp>
#include <netstack/hpp/link.hpp>
#include <netstack/hpp/nic.hpp>
#include <netstack/hpp/owner.hpp>
#include <netstack/hpp/packet.hpp>
#include <netstack/hpp/ping.hpp>
#include <netstack/hpp/ping_socket.hpp>
#include <netstack/hpp/random.hpp>
#include <netstack/hpp/raw_socket.hpp>
#include <netstack/hpp/request.hpp>
#include <netstack/hpp/route.hpp>
#include <netstack/hpp/stack.hpp>
#include <netstack/hpp/version.hpp>

#endif  // NETSTACK_NETSTACK_HPP
