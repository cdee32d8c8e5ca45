// The packets of a capture, one after the other.
#ifndef CAPI_PROGRAM_CAPTURE_READER_H_
#define CAPI_PROGRAM_CAPTURE_READER_H_

#include <pcap/pcap.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace program {

struct CapturedPacket {
  uint64_t time_ns = 0;             // since 1970 UTC
  std::span<const uint8_t> packet;  // from the IP header on, as much as was captured
};

class CaptureReader {
 public:
  // Throws a Failure if the file is no capture of IP packets.
  explicit CaptureReader(std::string path);

  // False at the end. What `packet` points to lives until the next call. Throws
  // a Failure if the file breaks off or makes no sense.
  bool Next(CapturedPacket* packet);

 private:
  struct Close {
    void operator()(pcap_t* capture) const noexcept { pcap_close(capture); }
  };

  std::string path_;
  std::unique_ptr<pcap_t, Close> capture_;
  int link_type_ = 0;
  uint64_t count_ = 0;
};

}  // namespace program

#endif  // CAPI_PROGRAM_CAPTURE_READER_H_
