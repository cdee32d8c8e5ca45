/* Prints how many KiB of this program are resident. Built twice: as an empty
 * program, and with one stack that has answered an echo. */
#include <stdio.h>
#include <string.h>
#ifdef BENCH_ONE_STACK
#include <netstack/netstack.h>

static int replies;

static ns_status transmit(void* user_data, const uint8_t* packet, size_t length) {
  (void)user_data, (void)packet, (void)length;
  ++replies;
  return NS_OK;
}

static ns_verdict on_echo(void* user_data, ns_request request) {
  (void)user_data;
  (void)ns_request_reply(request);
  return NS_VERDICT_CONSUMED;
}

/* 198.18.0.1 to 10.64.0.1. */
static const uint8_t request[] = {0x45, 0, 0,  28, 0, 0, 0, 0, 64,   1,    0xaa, 0x8d, 198, 18,
                                  0,    1, 10, 64, 0, 1, 8, 0, 0xf7, 0xfe, 0,    0,    0,   1};

static int start_stack(void) {
  ns_stack* stack = NULL;
  ns_link* link = NULL;
  ns_icmp_forwarder* forwarder = NULL;

  return ns_stack_new(NULL, &stack, NULL) ||
         ns_link_callback_new(NULL, transmit, NULL, NULL, &link, NULL) ||
         ns_stack_add_nic(stack, 1, link, NULL, NULL) ||
         ns_stack_add_address(stack, 1, "10.64.0.1/24", NULL) ||
         ns_stack_add_address(stack, 1, "2001:db8::1/64", NULL) ||
         ns_icmp_forwarder_new(NULL, on_echo, NULL, NULL, &forwarder, NULL) ||
         ns_stack_set_icmp_forwarder(stack, NS_FAMILY_ANY, forwarder, NULL) ||
         ns_link_inject(link, request, sizeof request) || replies != 1;
}
#else
static int start_stack(void) { return 0; }
#endif

int main(void) {
  char line[128];
  FILE* file;

  if (start_stack()) {
    fprintf(stderr, "the stack did not answer\n");
    return 1;
  }
  /* Exact, as VmRSS is not. */
  file = fopen("/proc/self/smaps_rollup", "r");
  if (file == NULL) {
    perror("/proc/self/smaps_rollup");
    return 1;
  }
  while (fgets(line, sizeof line, file) != NULL) {
    unsigned long kib = 0;
    if (sscanf(line, "Rss: %lu kB", &kib) == 1) printf("%lu\n", kib);
  }
  fclose(file);
  return 0;
}
