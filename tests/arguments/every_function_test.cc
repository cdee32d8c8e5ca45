// Every public function with arguments that make no sense. A row for each; a
// function that the library exports and that has no row fails a test.
#include <gtest/gtest.h>
#include <netstack/netstack.h>
#include <unistd.h>

#include <fstream>
#include <set>
#include <string>

#include "arguments/row.h"
#include "support/handler.h"
#include "support/wire.h"

#ifndef NETSTACK_MAP
#error "NETSTACK_MAP is the path of the library's version script"
#endif

namespace {

using arguments::CheckInit;
using arguments::Row;
using arguments::WithFamily;
using support::Address;
using support::Error;
using support::LinkHandle;
using support::NewChannel;
using support::NewStack;
using support::PacketHandle;
using support::Prefix;
using support::StackHandle;
using support::Wire;

constexpr ns_status kInvalid = NS_ERR_INVALID_ARGUMENT;

void NoDestroy(void*) {}
void CountDestroy(void* count) { ++*static_cast<int*>(count); }
ns_verdict Decline(void*, ns_request) { return NS_VERDICT_DECLINED; }
uint64_t Now(void*) { return 1; }
uint64_t Next(void*) { return 4; }

constexpr Row kText[] = {
    {"ns_abi_version", [] { EXPECT_EQ(ns_abi_version(), NS_ABI_VERSION); }},
    {"ns_version_string", [] { EXPECT_STREQ(ns_version_string(), NS_VERSION_STRING); }},
    {"ns_status_name",
     [] {
       EXPECT_STREQ(ns_status_name(NS_ERR_EXPIRED), "NS_ERR_EXPIRED");
       EXPECT_STREQ(ns_status_name(NS_OK), "NS_OK");
       for (const ns_status none : {2, -15, -98, -100, INT32_MAX, INT32_MIN}) {
         EXPECT_STREQ(ns_status_name(none), "NS_ERR_UNKNOWN") << none;
       }
     }},
    {"ns_error_status", [] { EXPECT_EQ(ns_error_status(nullptr), NS_OK); }},
    {"ns_error_message", [] { EXPECT_STREQ(ns_error_message(nullptr), "no error"); }},
    {"ns_error_free", [] { ns_error_free(nullptr); }},
    {"ns_address_parse",
     [] {
       ns_address address{};
       address.scope = 77;
       EXPECT_EQ(ns_address_parse(nullptr, &address), kInvalid);
       EXPECT_EQ(ns_address_parse("10.0.0.1", nullptr), kInvalid);
       for (const char* const text : {"",
                                      " ",
                                      "1",
                                      "1.2.3",
                                      "1.2.3.4.5",
                                      "01.2.3.4",
                                      "1.2.3.256",
                                      "1.2.3.4 ",
                                      " 1.2.3.4",
                                      "1.2.3.4/8",
                                      "1..2.3",
                                      "1.2.3.-4",
                                      "0x1.2.3.4",
                                      ":",
                                      ":::",
                                      "::g",
                                      "1::2::3",
                                      "1:2:3:4:5:6:7",
                                      "1:2:3:4:5:6:7:8:9",
                                      "12345::",
                                      "fe80::1%eth0",
                                      "::1 ",
                                      "::1.2.3",
                                      "::1.2.3.4.5",
                                      "1.2.3.4::",
                                      "[::1]"}) {
         EXPECT_EQ(ns_address_parse(text, &address), kInvalid) << text;
       }
       EXPECT_EQ(ns_address_parse(std::string(100'000, '1').c_str(), &address), kInvalid);
       EXPECT_EQ(address.scope, 77u);
     }},
    {"ns_address_format",
     [] {
       char text[NS_ADDRESS_TEXT_SIZE] = "untouched";
       const ns_address good = Address("10.0.0.1");
       EXPECT_EQ(ns_address_format(nullptr, text, sizeof text), kInvalid);
       EXPECT_EQ(ns_address_format(&good, nullptr, 5), kInvalid);
       EXPECT_EQ(ns_address_format(&good, nullptr, 0), NS_ERR_TOO_SMALL);
       EXPECT_EQ(ns_address_format(&good, text, 8), NS_ERR_TOO_SMALL);
       for (const uint32_t family : {0u, 5u, 7u, UINT32_MAX}) {
         const ns_address none = WithFamily(family);
         EXPECT_EQ(ns_address_format(&none, text, sizeof text), kInvalid) << family;
       }
       EXPECT_STREQ(text, "untouched");
       EXPECT_EQ(ns_address_format(&good, text, 9), NS_OK);
     }},
    {"ns_prefix_parse",
     [] {
       ns_prefix prefix{};
       prefix.length = 77;
       EXPECT_EQ(ns_prefix_parse(nullptr, &prefix), kInvalid);
       EXPECT_EQ(ns_prefix_parse("10.0.0.0/8", nullptr), kInvalid);
       for (const char* const text :
            {"", "/", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/8 ",
             "10.0.0.0/ 8", "10.0.0.0/8/8", "10.0.0.0/x", "10.0.0.0/256", "10.0.0.0/4294967304",
             "10.0.0.0/18446744073709551624", "10.0.0/8", "::/129", "::/256", "::1%eth0/64",
             "b::g/64"}) {
         EXPECT_EQ(ns_prefix_parse(text, &prefix), kInvalid) << text;
       }
       EXPECT_EQ(prefix.length, 77u);
     }},
    {"ns_prefix_format",
     [] {
       char text[NS_ADDRESS_TEXT_SIZE] = "untouched";
       const ns_prefix good = Prefix("10.0.0.0/8");
       EXPECT_EQ(ns_prefix_format(nullptr, text, sizeof text), kInvalid);
       EXPECT_EQ(ns_prefix_format(&good, nullptr, 5), kInvalid);
       EXPECT_EQ(ns_prefix_format(&good, nullptr, 0), NS_ERR_TOO_SMALL);
       EXPECT_EQ(ns_prefix_format(&good, text, 10), NS_ERR_TOO_SMALL);
       for (const ns_prefix& none :
            {ns_prefix{Address("10.0.0.0"), 33}, ns_prefix{Address("::"), 129},
             ns_prefix{WithFamily(5), 8}, ns_prefix{WithFamily(0), 0},
             ns_prefix{Address("::"), UINT32_MAX}}) {
         EXPECT_EQ(ns_prefix_format(&none, text, sizeof text), kInvalid);
       }
       EXPECT_STREQ(text, "untouched");
       EXPECT_EQ(ns_prefix_format(&good, text, 11), NS_OK);
     }},
};

constexpr Row kMakers[] = {
    {"ns_capture_callback_new",
     [] {
       const auto write = [](void*, const uint8_t*, size_t) {};
       ns_capture* capture = nullptr;
       int destroyed = 0;
       EXPECT_REFUSED(kInvalid,
                      ns_capture_callback_new(nullptr, &destroyed, CountDestroy, &capture, e));
       EXPECT_REFUSED(kInvalid,
                      ns_capture_callback_new(write, &destroyed, CountDestroy, nullptr, e));
       EXPECT_EQ(destroyed, 2);
       EXPECT_EQ(capture, nullptr);
     }},
    {"ns_capture_file_new",
     [] {
       ns_capture* capture = nullptr;
       EXPECT_REFUSED(kInvalid, ns_capture_file_new(nullptr, &capture, e));
       EXPECT_REFUSED(kInvalid, ns_capture_file_new("capture.pcap", nullptr, e));
       Error error;
       EXPECT_NE(ns_capture_file_new("", &capture, error.out()), NS_OK);
       EXPECT_NE(ns_capture_file_new("/nowhere/at/all.pcap", &capture, error.out()), NS_OK);
       EXPECT_EQ(capture, nullptr);
     }},
    {"ns_capture_free", [] { ns_capture_free(nullptr); }},
    {"ns_capture_get_lost", [] { EXPECT_EQ(ns_capture_get_lost(nullptr), 0u); }},
    {"ns_clock_manual_new", [] { EXPECT_EQ(ns_clock_manual_new(5, nullptr), kInvalid); }},
    {"ns_clock_advance",
     [] {
       EXPECT_EQ(ns_clock_advance(nullptr, 5), kInvalid);
       ns_clock* made = nullptr;
       ASSERT_EQ(ns_clock_callback_new(nullptr, Now, nullptr, nullptr, &made, nullptr), NS_OK);
       const support::ClockHandle clock(made);
       EXPECT_EQ(ns_clock_advance(made, 5), NS_ERR_UNSUPPORTED);
     }},
    {"ns_clock_callback_new",
     [] {
       ns_clock* clock = nullptr;
       int destroyed = 0;
       EXPECT_REFUSED(kInvalid,
                      ns_clock_callback_new(nullptr, nullptr, &destroyed, CountDestroy, &clock, e));
       EXPECT_REFUSED(kInvalid,
                      ns_clock_callback_new(nullptr, Now, &destroyed, CountDestroy, nullptr, e));
       EXPECT_EQ(destroyed, 2);
       EXPECT_EQ(clock, nullptr);
     }},
    {"ns_clock_free", [] { ns_clock_free(nullptr); }},
    {"ns_clock_get_now", [] { EXPECT_EQ(ns_clock_get_now(nullptr), 0u); }},
    {"ns_random_seeded_new", [] { EXPECT_EQ(ns_random_seeded_new(5, nullptr), kInvalid); }},
    {"ns_random_callback_new",
     [] {
       ns_random* random = nullptr;
       int destroyed = 0;
       EXPECT_EQ(ns_random_callback_new(nullptr, &destroyed, CountDestroy, &random), kInvalid);
       EXPECT_EQ(ns_random_callback_new(Next, &destroyed, CountDestroy, nullptr), kInvalid);
       EXPECT_EQ(destroyed, 2);
       EXPECT_EQ(random, nullptr);
     }},
    {"ns_random_free", [] { ns_random_free(nullptr); }},
    {"ns_icmp_forwarder_new",
     [] {
       ns_icmp_forwarder* made = nullptr;
       EXPECT_REFUSED(kInvalid,
                      ns_icmp_forwarder_new(nullptr, nullptr, nullptr, NoDestroy, &made, e));
       EXPECT_REFUSED(kInvalid,
                      ns_icmp_forwarder_new(nullptr, Decline, nullptr, NoDestroy, nullptr, e));
       EXPECT_EQ(made, nullptr);
     }},
    {"ns_icmp_forwarder_free", [] { ns_icmp_forwarder_free(nullptr); }},
    {"ns_stack_new", [] { EXPECT_REFUSED(kInvalid, ns_stack_new(nullptr, nullptr, e)); }},
    {"ns_stack_free", [] { ns_stack_free(nullptr); }},
};

constexpr Row kInits[] = {
    {"ns_clock_options_init",
     [] { CheckInit<ns_clock_options>(ns_clock_options_init, NS_CLOCK_OPTIONS_INIT); }},
    {"ns_icmp_forwarder_options_init",
     [] {
       CheckInit<ns_icmp_forwarder_options>(ns_icmp_forwarder_options_init,
                                            NS_ICMP_FORWARDER_OPTIONS_INIT);
     }},
    {"ns_link_callback_options_init",
     [] {
       CheckInit<ns_link_callback_options>(ns_link_callback_options_init,
                                           NS_LINK_CALLBACK_OPTIONS_INIT);
     }},
    {"ns_link_channel_options_init",
     [] {
       CheckInit<ns_link_channel_options>(ns_link_channel_options_init,
                                          NS_LINK_CHANNEL_OPTIONS_INIT);
     }},
    {"ns_link_fd_options_init",
     [] { CheckInit<ns_link_fd_options>(ns_link_fd_options_init, NS_LINK_FD_OPTIONS_INIT); }},
    {"ns_link_tun_options_init",
     [] { CheckInit<ns_link_tun_options>(ns_link_tun_options_init, NS_LINK_TUN_OPTIONS_INIT); }},
    {"ns_nic_options_init",
     [] { CheckInit<ns_nic_options>(ns_nic_options_init, NS_NIC_OPTIONS_INIT); }},
    {"ns_stack_options_init",
     [] { CheckInit<ns_stack_options>(ns_stack_options_init, NS_STACK_OPTIONS_INIT); }},
};

constexpr Row kLinks[] = {
    {"ns_link_channel_new",
     [] {
       ns_link* link = nullptr;
       EXPECT_REFUSED(kInvalid, ns_link_channel_new(nullptr, nullptr, e));
       ns_link_channel_options options = NS_LINK_CHANNEL_OPTIONS_INIT;
       for (const uint32_t mtu : {65'536u, UINT32_MAX}) {
         options.mtu = mtu;
         EXPECT_REFUSED(kInvalid, ns_link_channel_new(&options, &link, e));
       }
       options.mtu = 0;
       for (const uint32_t capacity : {65'537u, UINT32_MAX}) {
         options.capacity = capacity;
         EXPECT_REFUSED(kInvalid, ns_link_channel_new(&options, &link, e));
       }
       EXPECT_EQ(link, nullptr);
     }},
    {"ns_link_callback_new",
     [] {
       const auto transmit = [](void*, const uint8_t*, size_t) -> ns_status { return NS_OK; };
       ns_link* link = nullptr;
       int destroyed = 0;
       EXPECT_REFUSED(kInvalid,
                      ns_link_callback_new(nullptr, nullptr, &destroyed, CountDestroy, &link, e));
       EXPECT_REFUSED(
           kInvalid, ns_link_callback_new(nullptr, transmit, &destroyed, CountDestroy, nullptr, e));
       ns_link_callback_options options = NS_LINK_CALLBACK_OPTIONS_INIT;
       options.mtu = 65'536;
       EXPECT_REFUSED(kInvalid,
                      ns_link_callback_new(&options, transmit, &destroyed, CountDestroy, &link, e));
       EXPECT_EQ(destroyed, 3);
       EXPECT_EQ(link, nullptr);
     }},
    {"ns_link_fd_new",
     [] {
       ns_link* link = nullptr;
       for (const int descriptor : {-1, INT32_MIN, 1'000'000, INT32_MAX}) {
         EXPECT_REFUSED(kInvalid, ns_link_fd_new(descriptor, nullptr, &link, e));
       }
       int ends[2];
       ASSERT_EQ(pipe(ends), 0);
       EXPECT_REFUSED(kInvalid, ns_link_fd_new(ends[0], nullptr, nullptr, e));
       ns_link_fd_options options = NS_LINK_FD_OPTIONS_INIT;
       options.mtu = 65'536;
       EXPECT_REFUSED(kInvalid, ns_link_fd_new(ends[0], &options, &link, e));
       options.mtu = 0;
       options.packet_information = 99;
       Error error;
       EXPECT_NE(ns_link_fd_new(ends[0], &options, &link, error.out()), NS_OK);
       EXPECT_EQ(link, nullptr);
       close(ends[0]);
       close(ends[1]);
     }},
    {"ns_link_tun_new",
     [] {
       ns_link* link = nullptr;
       EXPECT_REFUSED(kInvalid, ns_link_tun_new(nullptr, nullptr, &link, e));
       EXPECT_REFUSED(kInvalid, ns_link_tun_new("tun0", nullptr, nullptr, e));
       for (const char* const name : {"", "a-name-of-16-byt", "a/b", "tun 0", ".", ".."}) {
         EXPECT_REFUSED(kInvalid, ns_link_tun_new(name, nullptr, &link, e));
       }
       ns_link_tun_options options = NS_LINK_TUN_OPTIONS_INIT;
       for (const uint32_t mtu : {1u, 67u, 65'536u}) {
         options.mtu = mtu;
         EXPECT_REFUSED(kInvalid, ns_link_tun_new("tun0", &options, &link, e));
       }
       options.mtu = 0;
       options.host_address_count = 1;
       EXPECT_REFUSED(kInvalid, ns_link_tun_new("tun0", &options, &link, e));
       EXPECT_EQ(link, nullptr);
     }},
    {"ns_link_get_device",
     [] {
       char text[16];
       const LinkHandle link = NewChannel();
       EXPECT_EQ(ns_link_get_device(nullptr, text, sizeof text), kInvalid);
       EXPECT_EQ(ns_link_get_device(link.get(), nullptr, 16), kInvalid);
       EXPECT_EQ(ns_link_get_device(link.get(), text, sizeof text), NS_ERR_UNSUPPORTED);
     }},
    {"ns_link_get_mtu", [] { EXPECT_EQ(ns_link_get_mtu(nullptr), 0u); }},
    {"ns_link_read",
     [] {
       const LinkHandle link = NewChannel();
       uint8_t buffer[4];
       size_t length = 7;
       EXPECT_EQ(ns_link_read(nullptr, buffer, sizeof buffer, &length), kInvalid);
       EXPECT_EQ(length, 0u);
       EXPECT_EQ(ns_link_read(link.get(), nullptr, 4, &length), kInvalid);
       EXPECT_EQ(ns_link_read(link.get(), buffer, 4, nullptr), kInvalid);
       EXPECT_EQ(ns_link_read(link.get(), nullptr, 0, &length), NS_ERR_WOULD_BLOCK);
     }},
    {"ns_link_inject",
     [] {
       const uint8_t bytes[4] = {};
       const LinkHandle link = NewChannel();
       EXPECT_EQ(ns_link_inject(nullptr, bytes, 4), kInvalid);
       EXPECT_EQ(ns_link_inject(link.get(), nullptr, 4), kInvalid);
       EXPECT_EQ(ns_link_inject(link.get(), bytes, 4), NS_ERR_CLOSED);
       Wire wire;
       EXPECT_EQ(ns_link_inject(wire.link(), nullptr, 0), NS_OK);
       const support::Bytes huge(200'000, 0x45);
       EXPECT_EQ(ns_link_inject(wire.link(), huge.data(), huge.size()), NS_OK);
     }},
    {"ns_link_free", [] { ns_link_free(nullptr); }},
};

constexpr Row kPackets[] = {
    {"ns_packet_ref", [] { EXPECT_EQ(ns_packet_ref(nullptr), nullptr); }},
    {"ns_packet_unref", [] { ns_packet_unref(nullptr); }},
    {"ns_packet_get_info",
     [] {
       Wire wire;
       PacketHandle kept;
       const support::Handler handler([&](ns_request request) {
         ns_packet* made = nullptr;
         EXPECT_EQ(ns_request_ref_packet(request, &made), NS_OK);
         kept.reset(made);
         return NS_VERDICT_CONSUMED;
       });
       handler.InstallIn(wire.stack());
       EXPECT_FALSE(wire.Answers("a::1"));
       ns_packet_info info{};
       EXPECT_EQ(ns_packet_get_info(nullptr, &info, sizeof info), kInvalid);
       EXPECT_EQ(ns_packet_get_info(kept.get(), nullptr, sizeof info), kInvalid);
       EXPECT_EQ(ns_packet_get_info(kept.get(), &info, 0), kInvalid);
       const uint8_t* bytes = nullptr;
       size_t length = 0;
       EXPECT_EQ(ns_packet_borrow_bytes(kept.get(), nullptr, &length), kInvalid);
       EXPECT_EQ(ns_packet_borrow_bytes(kept.get(), &bytes, nullptr), kInvalid);
     }},
    {"ns_packet_borrow_bytes",
     [] {
       const uint8_t* bytes = nullptr;
       size_t length = 0;
       EXPECT_EQ(ns_packet_borrow_bytes(nullptr, &bytes, &length), kInvalid);
     }},
    {"ns_request_reply", [] { EXPECT_EQ(ns_request_reply(0), NS_ERR_EXPIRED); }},
    {"ns_request_get_info", [] { EXPECT_EQ(ns_request_get_info(0, nullptr, 0), NS_ERR_EXPIRED); }},
    {"ns_request_borrow_packet",
     [] { EXPECT_EQ(ns_request_borrow_packet(1, nullptr, nullptr), NS_ERR_EXPIRED); }},
    {"ns_request_copy_packet",
     [] { EXPECT_EQ(ns_request_copy_packet(2, nullptr, 4, nullptr), NS_ERR_EXPIRED); }},
    {"ns_request_ref_packet", [] { EXPECT_EQ(ns_request_ref_packet(3, nullptr), NS_ERR_EXPIRED); }},
};

// Functions of a stack: each with none, and with what is wrong otherwise.
constexpr Row kStacks[] = {
    {"ns_stack_add_nic",
     [] {
       const StackHandle stack = NewStack();
       const LinkHandle link = NewChannel();
       EXPECT_REFUSED(kInvalid, ns_stack_add_nic(nullptr, 1, link.get(), nullptr, e));
       EXPECT_REFUSED(kInvalid, ns_stack_add_nic(stack.get(), 1, nullptr, nullptr, e));
       EXPECT_REFUSED(kInvalid, ns_stack_add_nic(stack.get(), 0, link.get(), nullptr, e));
       ns_nic_options options = NS_NIC_OPTIONS_INIT;
       options.address_count = 1;
       EXPECT_REFUSED(kInvalid, ns_stack_add_nic(stack.get(), 1, link.get(), &options, e));
       options.address_count = 0;
       options.local_prefix_count = SIZE_MAX;
       EXPECT_REFUSED(kInvalid, ns_stack_add_nic(stack.get(), 1, link.get(), &options, e));
       for (const uint32_t family : {0u, 5u, 7u}) {
         const ns_prefix none{WithFamily(family), 8};
         options.local_prefixes = &none;
         options.local_prefix_count = 1;
         EXPECT_REFUSED(kInvalid, ns_stack_add_nic(stack.get(), 1, link.get(), &options, e));
       }
     }},
    {"ns_stack_remove_nic",
     [] {
       const StackHandle stack = NewStack();
       EXPECT_REFUSED(kInvalid, ns_stack_remove_nic(nullptr, 1, e));
       EXPECT_REFUSED(NS_ERR_NOT_FOUND, ns_stack_remove_nic(stack.get(), 1, e));
       EXPECT_LT(ns_stack_remove_nic(stack.get(), 0, nullptr), 0);
     }},
    {"ns_stack_set_nic_flags",
     [] { EXPECT_REFUSED(kInvalid, ns_stack_set_nic_flags(nullptr, 1, 0, 0, e)); }},
    {"ns_stack_set_capture",
     [] {
       const StackHandle stack = NewStack();
       EXPECT_REFUSED(kInvalid, ns_stack_set_capture(nullptr, 1, nullptr, e));
       EXPECT_REFUSED(NS_ERR_NOT_FOUND, ns_stack_set_capture(stack.get(), 1, nullptr, e));
       Wire wire;
       EXPECT_EQ(ns_stack_set_capture(wire.stack(), 1, nullptr, nullptr), NS_OK);
     }},
    {"ns_stack_set_icmp_forwarder",
     [] {
       Wire wire;
       EXPECT_REFUSED(kInvalid, ns_stack_set_icmp_forwarder(nullptr, 0, nullptr, e));
       for (const ns_family family : {1u, 5u, 7u, 10u, UINT32_MAX}) {
         EXPECT_REFUSED(kInvalid, ns_stack_set_icmp_forwarder(wire.stack(), family, nullptr, e));
       }
     }},
    {"ns_stack_set_echo_policy",
     [] {
       Wire wire;
       EXPECT_REFUSED(kInvalid, ns_stack_set_echo_policy(nullptr, 0, 1, 1, e));
       for (const ns_family family : {5u, 7u}) {
         EXPECT_REFUSED(kInvalid, ns_stack_set_echo_policy(wire.stack(), family, 1, 1, e));
       }
       for (const uint32_t none : {0u, 3u, UINT32_MAX}) {
         EXPECT_REFUSED(kInvalid, ns_stack_set_echo_policy(wire.stack(), 0, none, 1, e));
       }
       for (const uint32_t none : {3u, UINT32_MAX}) {
         EXPECT_REFUSED(kInvalid, ns_stack_set_echo_policy(wire.stack(), 0, 1, none, e));
       }
     }},
    {"ns_stack_set_icmp_rate",
     [] { EXPECT_REFUSED(kInvalid, ns_stack_set_icmp_rate(nullptr, 1, 1, e)); }},
    {"ns_stack_set_icmp_limited",
     [] {
       Wire wire;
       EXPECT_REFUSED(kInvalid, ns_stack_set_icmp_limited(nullptr, NS_FAMILY_IPV4, 3, 1, e));
       for (const ns_family family : {0u, 5u, 7u, UINT32_MAX}) {
         EXPECT_REFUSED(kInvalid, ns_stack_set_icmp_limited(wire.stack(), family, 3, 1, e));
       }
       for (const uint32_t none : {8u, 256u, UINT32_MAX}) {
         EXPECT_REFUSED(kInvalid,
                        ns_stack_set_icmp_limited(wire.stack(), NS_FAMILY_IPV4, none, 1, e));
       }
       for (const uint32_t neither : {2u, UINT32_MAX}) {
         EXPECT_REFUSED(kInvalid,
                        ns_stack_set_icmp_limited(wire.stack(), NS_FAMILY_IPV4, 3, neither, e));
       }
     }},
    {"ns_stack_run", [] { EXPECT_REFUSED(kInvalid, ns_stack_run(nullptr, e)); }},
    {"ns_stack_stop", [] { ns_stack_stop(nullptr); }},
    {"ns_stack_poll",
     [] {
       size_t packets = 77;
       EXPECT_REFUSED(kInvalid, ns_stack_poll(nullptr, &packets, e));
       EXPECT_EQ(packets, 0u);
       Wire wire;
       EXPECT_EQ(ns_stack_poll(wire.stack(), nullptr, nullptr), NS_OK);
     }},
    {"ns_stack_get_descriptor", [] { EXPECT_EQ(ns_stack_get_descriptor(nullptr), -1); }},
    {"ns_stack_get_next_deadline",
     [] {
       Wire wire;
       EXPECT_EQ(ns_stack_get_next_deadline(nullptr), NS_TIME_NEVER);
       EXPECT_EQ(ns_stack_get_next_deadline(wire.stack()), NS_TIME_NEVER);
     }},
    {"ns_stack_for_each_counter",
     [] {
       Wire wire;
       const auto end = [](void* calls, const char*, uint64_t) -> int32_t {
         return ++*static_cast<int*>(calls);
       };
       int calls = 0;
       EXPECT_EQ(ns_stack_for_each_counter(nullptr, end, &calls), kInvalid);
       EXPECT_EQ(ns_stack_for_each_counter(wire.stack(), nullptr, nullptr), kInvalid);
       EXPECT_EQ(ns_stack_for_each_counter(wire.stack(), end, &calls), NS_OK);
       EXPECT_EQ(calls, 1);
     }},
    {"ns_stack_get_counter",
     [] {
       Wire wire;
       uint64_t value = 77;
       EXPECT_EQ(ns_stack_get_counter(nullptr, "ip.packets_received", &value), kInvalid);
       EXPECT_EQ(ns_stack_get_counter(wire.stack(), nullptr, &value), kInvalid);
       EXPECT_EQ(ns_stack_get_counter(wire.stack(), "ip.packets_received", nullptr), kInvalid);
       for (const char* const name : {"", "ip", "ip.", "ip.packets_received ", "nic.2.rx.packets",
                                      "nic.01.rx.packets", "IP.PACKETS_RECEIVED"}) {
         EXPECT_EQ(ns_stack_get_counter(wire.stack(), name, &value), NS_ERR_NOT_FOUND) << name;
       }
       EXPECT_EQ(value, 77u);
     }},
};

// Functions that take text, and their likes that take an array.
#define NETSTACK_TEXT(call)                                                         \
  [] {                                                                              \
    Wire wire;                                                                      \
    const auto act = [](ns_stack* s, const char* text, ns_error** e) -> ns_status { \
      return call;                                                                  \
    };                                                                              \
    EXPECT_REFUSED(kInvalid, act(nullptr, "10.0.0.0", e));                          \
    EXPECT_REFUSED(kInvalid, act(wire.stack(), nullptr, e));                        \
    for (const char* const text : {"", "x", "10.0.0.300/8", "/", "10.0.0.0/8/8"}) { \
      EXPECT_REFUSED(kInvalid, act(wire.stack(), text, e));                         \
    }                                                                               \
  }

#define NETSTACK_ARRAY(type, bad, call)                                                            \
  [] {                                                                                             \
    Wire wire;                                                                                     \
    const auto act = [](ns_stack* s, const type* array, size_t count, ns_error** e) -> ns_status { \
      return call;                                                                                 \
    };                                                                                             \
    type each{};                                                                                   \
    EXPECT_REFUSED(kInvalid, act(nullptr, &each, 1, e));                                           \
    EXPECT_REFUSED(kInvalid, act(wire.stack(), nullptr, 1, e));                                    \
    EXPECT_REFUSED(kInvalid, act(wire.stack(), nullptr, SIZE_MAX, e));                             \
    EXPECT_REFUSED(kInvalid, act(wire.stack(), &each, SIZE_MAX, e));                               \
    for (const uint32_t family : {0u, 1u, 5u, 7u, UINT32_MAX}) {                                   \
      bad = WithFamily(family);                                                                    \
      EXPECT_REFUSED(kInvalid, act(wire.stack(), &each, 1, e));                                    \
    }                                                                                              \
    bad = WithFamily(4);                                                                           \
    bad.bytes[15] = 1; /* IPv4 is the first four bytes */                                          \
    EXPECT_REFUSED(kInvalid, act(wire.stack(), &each, 1, e));                                      \
  }

constexpr Row kChanges[] = {
    {"ns_stack_add_address", NETSTACK_TEXT(ns_stack_add_address(s, 1, text, e))},
    {"ns_stack_remove_address", NETSTACK_TEXT(ns_stack_remove_address(s, 1, text, e))},
    {"ns_stack_add_local_prefix", NETSTACK_TEXT(ns_stack_add_local_prefix(s, 1, text, e))},
    {"ns_stack_remove_local_prefix", NETSTACK_TEXT(ns_stack_remove_local_prefix(s, 1, text, e))},
    {"ns_stack_join_group", NETSTACK_TEXT(ns_stack_join_group(s, 1, text, e))},
    {"ns_stack_leave_group", NETSTACK_TEXT(ns_stack_leave_group(s, 1, text, e))},
    {"ns_stack_add_route", NETSTACK_TEXT(ns_stack_add_route(s, text, nullptr, 1, e))},
    {"ns_stack_remove_route", NETSTACK_TEXT(ns_stack_remove_route(s, text, nullptr, 1, e))},
    {"ns_stack_add_addresses",
     NETSTACK_ARRAY(ns_prefix, each.address, ns_stack_add_addresses(s, 1, array, count, e))},
    {"ns_stack_remove_addresses",
     NETSTACK_ARRAY(ns_address, each, ns_stack_remove_addresses(s, 1, array, count, e))},
    {"ns_stack_add_local_prefixes",
     NETSTACK_ARRAY(ns_prefix, each.address, ns_stack_add_local_prefixes(s, 1, array, count, e))},
    {"ns_stack_remove_local_prefixes",
     NETSTACK_ARRAY(ns_prefix, each.address,
                    ns_stack_remove_local_prefixes(s, 1, array, count, e))},
    {"ns_stack_add_routes",
     NETSTACK_ARRAY(ns_route, each.destination.address, ns_stack_add_routes(s, array, count, e))},
    {"ns_stack_remove_routes", NETSTACK_ARRAY(ns_route, each.destination.address,
                                              ns_stack_remove_routes(s, array, count, e))},
};

class EveryFunction : public testing::TestWithParam<Row> {};

TEST_P(EveryFunction, SurvivesNonsense) { GetParam().check(); }

constexpr auto kNameOf = [](const auto& each) { return std::string(each.param.function); };
INSTANTIATE_TEST_SUITE_P(Text, EveryFunction, testing::ValuesIn(kText), kNameOf);
INSTANTIATE_TEST_SUITE_P(Makers, EveryFunction, testing::ValuesIn(kMakers), kNameOf);
INSTANTIATE_TEST_SUITE_P(Inits, EveryFunction, testing::ValuesIn(kInits), kNameOf);
INSTANTIATE_TEST_SUITE_P(Links, EveryFunction, testing::ValuesIn(kLinks), kNameOf);
INSTANTIATE_TEST_SUITE_P(Packets, EveryFunction, testing::ValuesIn(kPackets), kNameOf);
INSTANTIATE_TEST_SUITE_P(Stacks, EveryFunction, testing::ValuesIn(kStacks), kNameOf);
INSTANTIATE_TEST_SUITE_P(Changes, EveryFunction, testing::ValuesIn(kChanges), kNameOf);
INSTANTIATE_TEST_SUITE_P(Sockets, EveryFunction,
                         testing::ValuesIn(arguments::SocketRows().begin(),
                                           arguments::SocketRows().end()),
                         kNameOf);

// The names of a version script: "        ns_abi_version;".
std::set<std::string> Exported() {
  std::set<std::string> names;
  std::ifstream script(NETSTACK_MAP);
  EXPECT_TRUE(script) << NETSTACK_MAP;
  std::string word;
  while (script >> word) {
    if (word.starts_with("ns_") && word.ends_with(";"))
      names.insert(word.substr(0, word.size() - 1));
  }
  return names;
}

TEST(EveryFunctionTest, ThatIsExportedHasARow) {
  std::set<std::string> rows;
  const auto add = [&](const auto& table) {
    for (const Row& row : table) EXPECT_TRUE(rows.insert(row.function).second) << row.function;
  };
  add(kText);
  add(kMakers);
  add(kInits);
  add(kLinks);
  add(kPackets);
  add(kStacks);
  add(kChanges);
  add(arguments::SocketRows());
  EXPECT_EQ(rows, Exported());
}

}  // namespace
