/* A program in C whose handler is written in Rust. Two requests come in, and one reply goes out. */
#include <inttypes.h>
#include <stdio.h>

#include "handler_for_c.h"

static uint16_t checksum(const uint8_t *bytes, size_t length)
{
    uint32_t sum = 0;
    for (size_t i = 0; i + 1 < length; i += 2) sum += (uint32_t)bytes[i] << 8 | bytes[i + 1];
    while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

/* 192.0.2.1 asks 10.7.0.last. */
static ns_status ask(ns_link *wire, uint8_t last)
{
    uint8_t packet[28] = {0x45, 0, 0, 28, 0, 0, 0, 0, 64, 1, 0, 0, 192, 0, 2, 1, 10, 7, 0, last, 8};
    uint16_t sum = checksum(packet, 20);
    packet[10] = (uint8_t)(sum >> 8);
    packet[11] = (uint8_t)sum;
    sum = checksum(packet + 20, 8);
    packet[22] = (uint8_t)(sum >> 8);
    packet[23] = (uint8_t)sum;
    return ns_link_inject(wire, packet, sizeof packet);
}

int main(void)
{
    ns_stack *stack = NULL;
    ns_link *wire = NULL;
    ns_icmp_forwarder *forwarder = NULL;
    ns_error *error = NULL;
    odd_network *network = odd_network_new();

    /* From here on the forwarder owns the network, and frees it. */
    if (ns_icmp_forwarder_new(NULL, odd_network_on_echo, network, odd_network_free, &forwarder, &error) ||
        ns_stack_new(NULL, &stack, &error) || ns_link_channel_new(NULL, &wire, &error) ||
        ns_stack_add_nic(stack, 1, wire, NULL, &error) ||
        ns_stack_add_local_prefix(stack, 1, "10.7.0.0/16", &error) ||
        ns_stack_set_icmp_forwarder(stack, NS_FAMILY_ANY, forwarder, &error)) {
        fprintf(stderr, "%s\n", ns_error_message(error));
        ns_error_free(error);
        return 1;
    }

    if (ask(wire, 1) || ask(wire, 2)) return 1;
    uint8_t reply[64];
    size_t length = 0;
    while (ns_link_read(wire, reply, sizeof reply, &length) == NS_OK)
        printf("%u.%u.%u.%u answered\n", reply[12], reply[13], reply[14], reply[15]);
    odd_counts counts = odd_network_get_counts(network);
    printf("%" PRIu64 " answered, %" PRIu64 " silent\n", counts.answered, counts.silent);

    ns_icmp_forwarder_free(forwarder);
    ns_link_free(wire);
    ns_stack_free(stack);
    return 0;
}
