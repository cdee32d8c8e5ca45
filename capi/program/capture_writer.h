// A capture being written: raw IP, microseconds.
#ifndef CAPI_PROGRAM_CAPTURE_WRITER_H_
#define CAPI_PROGRAM_CAPTURE_WRITER_H_

#include <pcap/pcap.h>

#include <cstdint>
#include <memory>
#include <span>

#include "output_file.h"

namespace program {

class CaptureWriter {
 public:
  // Writes into `file`, which outlives it.
  explicit CaptureWriter(const OutputFile& file);

  // What can't be written is told by Finish().
  void Add(uint64_t time_ns, std::span<const uint8_t> packet) noexcept;

  // Throws a Failure if something is missing in the file. Nothing is added after it.
  void Finish();

 private:
  struct Close {
    void operator()(pcap_t* capture) const noexcept { pcap_close(capture); }
    void operator()(pcap_dumper_t* dumper) const noexcept { pcap_dump_close(dumper); }
  };

  const OutputFile& file_;
  std::unique_ptr<pcap_t, Close> format_;
  std::unique_ptr<pcap_dumper_t, Close> dumper_;
};

}  // namespace program

#endif  // CAPI_PROGRAM_CAPTURE_WRITER_H_
