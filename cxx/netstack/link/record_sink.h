// Where the bytes of a capture go.
#ifndef NETSTACK_LINK_RECORD_SINK_H_
#define NETSTACK_LINK_RECORD_SINK_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "netstack/base/status.h"
#include "netstack/base/user_data.h"
#include "netstack/link/descriptor.h"

namespace netstack::link {

class RecordSink {
 public:
  RecordSink() = default;
  RecordSink(const RecordSink&) = delete;
  RecordSink& operator=(const RecordSink&) = delete;
  virtual ~RecordSink() = default;
  // Takes all of `record` or nothing of it; false: nothing. Inside an Entry,
  // one call at a time.
  virtual bool Write(std::span<const uint8_t> record) noexcept = 0;
};

class FunctionSink final : public RecordSink {
 public:
  using WriteFunction = void (*)(void* user_data, const uint8_t* bytes, size_t length);
  FunctionSink(WriteFunction write, base::UserData user_data) noexcept;
  bool Write(std::span<const uint8_t> record) noexcept override;

 private:
  const WriteFunction write_;
  const base::UserData user_data_;
};

// A file, or a pipe that somebody reads. A record that found no room on the
// disk is cut off again, so what is there stays readable.
class FileSink final : public RecordSink {
 public:
  static base::Error Open(const char* path, std::unique_ptr<RecordSink>* out);
  bool Write(std::span<const uint8_t> record) noexcept override;

 private:
  FileSink(Descriptor file, bool is_pipe) noexcept;
  void CutOff() noexcept;

  const Descriptor file_;
  const bool is_pipe_;
  bool broken_ = false;      // half a record is there to stay
  uint64_t whole_size_ = 0;  // up to the last whole record
};

}  // namespace netstack::link

#endif  // NETSTACK_LINK_RECORD_SINK_H_
