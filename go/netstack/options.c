// Options whose structs point to arrays.
#include "shim.h"

ns_status nsgo_add_nic(ns_stack *stack, uint32_t nic, ns_link *link, uint32_t flags,
                       const ns_prefix *addresses, size_t address_count,
                       const ns_prefix *local_prefixes, size_t local_prefix_count, ns_error **error)
{
    ns_nic_options options = NS_NIC_OPTIONS_INIT;
    options.flags = flags;
    options.addresses = addresses;
    options.address_count = address_count;
    options.local_prefixes = local_prefixes;
    options.local_prefix_count = local_prefix_count;
    return ns_stack_add_nic(stack, nic, link, &options, error);
}

ns_status nsgo_tun_new(const char *name, uint32_t mtu, const ns_prefix *host_addresses,
                       size_t host_address_count, ns_link **link, ns_error **error)
{
    ns_link_tun_options options = NS_LINK_TUN_OPTIONS_INIT;
    options.mtu = mtu;
    options.host_addresses = host_addresses;
    options.host_address_count = host_address_count;
    return ns_link_tun_new(name, &options, link, error);
}
