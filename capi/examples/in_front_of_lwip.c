/*
 * netstack in front of lwIP, on one wire and at the same addresses: our handler owns ping, lwIP keeps
 * everything else, here an echo service on UDP port 7. Runs by itself, in memory: it sends itself an
 * Echo Request and a datagram by IPv4 and by IPv6, and ends with 0 if each was answered by whom it should.
 */
#include <netstack/netstack.h>
#include <stdio.h>
#include <string.h>

#include <lwip/init.h>
#include <lwip/ip.h>
#include <lwip/netif.h>
#include <lwip/udp.h>

enum { MTU = 1500 };

/* The wire's far end: what was answered last, and by which of the two stacks. */
static uint8_t answer[MTU];
static size_t answer_length;
static const char *answered_by;
static int answers;

static void transmit(const char *who, const uint8_t *packet, size_t length)
{
    answered_by = who;
    answers++;
    answer_length = length;
    memcpy(answer, packet, length);       /* neither stack sends more than the MTU */
}

/* ---- lwIP: one interface without a link layer, and a service on it ---- */

static err_t lwip_transmit(struct pbuf *p)
{
    uint8_t packet[MTU];
    transmit("lwIP", packet, pbuf_copy_partial(p, packet, sizeof packet, 0));
    return ERR_OK;
}

static err_t lwip_transmit_ip4(struct netif *netif, struct pbuf *p, const ip4_addr_t *next_hop)
{
    (void)netif, (void)next_hop;
    return lwip_transmit(p);
}

static err_t lwip_transmit_ip6(struct netif *netif, struct pbuf *p, const ip6_addr_t *next_hop)
{
    (void)netif, (void)next_hop;
    return lwip_transmit(p);
}

static err_t set_up_netif(struct netif *netif)
{
    netif->mtu = MTU;
    netif->output = lwip_transmit_ip4;
    netif->output_ip6 = lwip_transmit_ip6;
    return ERR_OK;
}

static void udp_echo(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *peer, u16_t port)
{
    (void)arg;
    (void)udp_sendto(pcb, p, peer, port);
    pbuf_free(p);
}

/* Without tcpip_init() there is no thread of lwIP's: it runs inside its calls, as netstack does. */
static int set_up_lwip(struct netif *netif)
{
    ip4_addr_t address, mask, none;
    ip6_addr_t address6;
    struct udp_pcb *pcb;
    s8_t slot;

    lwip_init();
    IP4_ADDR(&address, 10, 7, 0, 1);
    IP4_ADDR(&mask, 255, 255, 0, 0);
    ip4_addr_set_zero(&none);
    if (!netif_add(netif, &address, &mask, &none, NULL, set_up_netif, ip_input) ||
        !ip6addr_aton("fd07::1", &address6) ||
        netif_add_ip6_address(netif, &address6, &slot) != ERR_OK)
        return 0;
    netif_ip6_addr_set_state(netif, slot, IP6_ADDR_PREFERRED);
    netif_set_default(netif);
    netif_set_link_up(netif);
    netif_set_up(netif);

    pcb = udp_new_ip_type(IPADDR_TYPE_ANY);
    if (!pcb || udp_bind(pcb, IP_ANY_TYPE, 7) != ERR_OK)
        return 0;
    udp_recv(pcb, udp_echo, NULL);
    return 1;
}

static void lwip_receive(struct netif *netif, const uint8_t *packet, size_t length)
{
    struct pbuf *p = pbuf_alloc(PBUF_RAW, (u16_t)length, PBUF_RAM);
    if (!p)
        return;
    if (pbuf_take(p, packet, (u16_t)length) != ERR_OK || netif->input(p, netif) != ERR_OK)
        pbuf_free(p);
}

/* ---- netstack: in front, with a handler for ping ---- */

static ns_status netstack_transmit(void *user_data, const uint8_t *packet, size_t length)
{
    (void)user_data;
    transmit("netstack", packet, length);
    return NS_OK;
}

static int handled;                       /* Echo Requests that reached our handler */

static ns_verdict on_echo(void *user_data, ns_request request)
{
    (void)user_data;
    handled++;
    (void)ns_request_reply(request);
    return NS_VERDICT_CONSUMED;
}

/* ---- the one line where they meet ---- */

static void receive(ns_link *link, struct netif *netif, const uint8_t *packet, size_t length)
{
    if (ns_link_inject(link, packet, length) == NS_UNCLAIMED)
        lwip_receive(netif, packet, length);
}

/* ---- what comes in: from 10.7.0.2 to 10.7.0.1 and from fd07::2 to fd07::1, with the data "hello" ---- */

#define IPV4(protocol, sum_high, sum_low) \
    0x45, 0, 0, 33, 0, 0, 0, 0, 64, protocol, sum_high, sum_low, 10, 7, 0, 2, 10, 7, 0, 1
#define IPV6(next_header) \
    0x60, 0, 0, 0, 0, 13, next_header, 64, \
    0xfd, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0xfd, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1
#define ECHO_REQUEST(type, sum_high, sum_low) \
    type, 0, sum_high, sum_low, 0x12, 0x34, 0, 1, 'h', 'e', 'l', 'l', 'o'
#define UDP(sum_high, sum_low) \
    0x30, 0x39, 0, 7, 0, 13, sum_high, sum_low, 'h', 'e', 'l', 'l', 'o'

static const uint8_t ping_by_ipv4[] = {IPV4(1, 0x66, 0xcc), ECHO_REQUEST(8, 0xa1, 0xf8)};
static const uint8_t ping_by_ipv6[] = {IPV6(58), ECHO_REQUEST(128, 0x2f, 0x9e)};
static const uint8_t udp_by_ipv4[] = {IPV4(17, 0x66, 0xbc), UDP(0x77, 0xb1)};
static const uint8_t udp_by_ipv6[] = {IPV6(17), UDP(0x91, 0xaf)};

static const struct step {
    const char *name;
    const uint8_t *packet;
    size_t length;
    size_t header;                        /* bytes of its IP header */
    const char *owner;                    /* who must answer it */
    uint8_t reply[2];                     /* what the answer begins with, behind its IP header */
} steps[] = {
    {"ping by IPv4", ping_by_ipv4, sizeof ping_by_ipv4, 20, "netstack", {0, 0}},
    {"ping by IPv6", ping_by_ipv6, sizeof ping_by_ipv6, 40, "netstack", {129, 0}},
    {"UDP by IPv4", udp_by_ipv4, sizeof udp_by_ipv4, 20, "lwIP", {0, 7}},
    {"UDP by IPv6", udp_by_ipv6, sizeof udp_by_ipv6, 40, "lwIP", {0, 7}},
};
enum { STEPS = sizeof steps / sizeof steps[0] };

static int run(const struct step *step, ns_link *link, struct netif *netif)
{
    int handled_before = handled, good;

    answers = 0;
    answered_by = "nobody";
    receive(link, netif, step->packet, step->length);
    good = answers == 1 && strcmp(answered_by, step->owner) == 0 && answer_length == step->length &&
           memcmp(answer + step->header, step->reply, sizeof step->reply) == 0 &&
           memcmp(answer + step->length - 5, "hello", 5) == 0 &&
           handled - handled_before == (strcmp(step->owner, "netstack") == 0);
    printf("%-12s answered by %s%s\n", step->name, answered_by, good ? "" : "  WRONG");
    return good;
}

int main(void)
{
    struct netif netif;
    ns_nic_options nic = NS_NIC_OPTIONS_INIT;
    ns_stack *stack = NULL;
    ns_link *link = NULL;
    ns_icmp_forwarder *forwarder = NULL;
    ns_error *error = NULL;
    int good = 0, i;

    memset(&netif, 0, sizeof netif);
    nic.flags = NS_NIC_SIDE_BY_SIDE;      /* what netstack does not take comes back from ns_link_inject() */
    if (!set_up_lwip(&netif))
        fprintf(stderr, "lwIP could not be set up\n");
    else if (ns_stack_new(NULL, &stack, &error) ||
             ns_link_callback_new(NULL, netstack_transmit, NULL, NULL, &link, &error) ||
             ns_stack_add_nic(stack, 1, link, &nic, &error) ||
             ns_stack_add_local_prefix(stack, 1, "10.7.0.0/16", &error) ||
             ns_stack_add_local_prefix(stack, 1, "fd07::/64", &error) ||
             ns_icmp_forwarder_new(NULL, on_echo, NULL, NULL, &forwarder, &error) ||
             ns_stack_set_icmp_forwarder(stack, NS_FAMILY_ANY, forwarder, &error))
        fprintf(stderr, "%s\n", ns_error_message(error));
    else
        for (i = 0; i < STEPS; i++)
            good += run(&steps[i], link, &netif);

    ns_error_free(error);
    ns_icmp_forwarder_free(forwarder);
    ns_link_free(link);
    ns_stack_free(stack);
    return good == STEPS ? 0 : 1;
}
