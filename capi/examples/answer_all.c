#include <netstack/netstack.h>
#include <stdio.h>

static ns_verdict on_echo(void *user_data, ns_request request)
{
    (void)user_data;
    (void)ns_request_reply(request);      /* the stack's own Echo Reply, from the address that was asked */
    return NS_VERDICT_CONSUMED;           /* and nobody else handles it */
}

int main(void)
{
    ns_stack *stack = NULL;
    ns_link *tun = NULL;
    ns_icmp_forwarder *forwarder = NULL;
    ns_error *error = NULL;

    if (ns_stack_new(NULL, &stack, &error) ||
        ns_link_tun_new("tun0", NULL, &tun, &error) ||
        ns_stack_add_nic(stack, 1, tun, NULL, &error) ||
        ns_stack_add_local_prefix(stack, 1, "10.7.0.0/16", &error) ||
        ns_stack_add_local_prefix(stack, 1, "fd07::/64", &error) ||
        ns_icmp_forwarder_new(NULL, on_echo, NULL, NULL, &forwarder, &error) ||
        ns_stack_set_icmp_forwarder(stack, NS_FAMILY_ANY, forwarder, &error) ||
        ns_stack_run(stack, &error))      /* until ns_stack_stop(), from any thread or a signal handler */
        fprintf(stderr, "%s\n", ns_error_message(error));

    ns_error_free(error);
    ns_icmp_forwarder_free(forwarder);
    ns_link_free(tun);
    ns_stack_free(stack);
}
