/* Code in C that a crate in Rust has beside it, such as a handler that was there before. */
#include <netstack/netstack.h>

ns_verdict answer_all(void *user_data, ns_request request);
size_t size_of_packet_info(void);
const char *version_of_headers(void);

ns_verdict answer_all(void *user_data, ns_request request)
{
    ++*(unsigned *)user_data;
    (void)ns_request_reply(request);
    return NS_VERDICT_CONSUMED;
}

size_t size_of_packet_info(void)
{
    return sizeof(ns_packet_info);
}

const char *version_of_headers(void)
{
    return NS_VERSION_STRING;
}
