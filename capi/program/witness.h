// Sees every packet that passes the stack's NIC, and tells what became of the
// echoes that were asked.
#ifndef CAPI_PROGRAM_WITNESS_H_
#define CAPI_PROGRAM_WITNESS_H_

#include <netstack/netstack.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "demo_case.h"
#include "echo_packet.h"
#include "handles.h"

namespace program {

class Witness {
 public:
  Witness();
  Witness(const Witness&) = delete;
  Witness& operator=(const Witness&) = delete;

  // To be set at the NIC; it calls the witness, which must outlive it there.
  [[nodiscard]] ns_capture* capture() const noexcept { return capture_.get(); }

  // Where in the story we are now.
  [[nodiscard]] size_t now() const noexcept { return seen_.size(); }

  // What differs from what `wanted` promises in the echoes seen since `begin`;
  // empty if nothing does.
  [[nodiscard]] std::string Judge(const DemoCase& wanted, size_t begin) const;

 private:
  static void OnBytes(void* user_data, const uint8_t* bytes, size_t length) noexcept;

  CaptureHandle capture_;
  std::vector<EchoPacket> seen_;
};

}  // namespace program

#endif  // CAPI_PROGRAM_WITNESS_H_
