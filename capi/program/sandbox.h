// A network of this process's own, apart from the host's.
#ifndef CAPI_PROGRAM_SANDBOX_H_
#define CAPI_PROGRAM_SANDBOX_H_

namespace program {

// Moves the process into a network namespace of its own, for which it needs no
// right: where it has none it takes a user namespace along, and is root in there.
// Throws a Failure if the system forbids that. The process must have one thread.
void EnterSandbox();

}  // namespace program

#endif  // CAPI_PROGRAM_SANDBOX_H_
