// What the trampolines and the system's clock ask the innermost call that delivers on this thread.
#ifndef NETSTACK_GO_CALLS_H
#define NETSTACK_GO_CALLS_H

#include "shim.h"

// The descriptor that interrupts the innermost call; -1: none.
int nsgo_interrupt(void);
// Why a wait in the innermost call ends it: it was interrupted, or Go code that it called has
// panicked. NS_OK: it doesn't.
ns_status nsgo_wait_end(void);
// Owns `callee` from the call on. The file header is written from inside.
ns_status nsgo_capture_make(nsgo_callee *callee, ns_capture **capture, ns_error **error);

#endif
