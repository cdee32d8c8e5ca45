#include "netstack/link/capture.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <string>
#include <utility>

#include "netstack/base/byte_order.h"
#include "netstack/base/entry.h"

namespace netstack::link {

namespace {

constexpr uint32_t kMagic = 0xa1b2'c3d4;
constexpr uint32_t kLinkTypeRaw = 101;
constexpr size_t kFileHeaderSize = 24;
constexpr size_t kRecordHeaderSize = 16;
constexpr size_t kIncludedOffset = 8;

std::array<uint8_t, kFileHeaderSize> FileHeader() noexcept {
  std::array<uint8_t, kFileHeaderSize> header{};  // time zone and accuracy: 0
  base::StoreNative<uint32_t>(header.data(), kMagic);
  base::StoreNative<uint16_t>(header.data() + 4, 2);
  base::StoreNative<uint16_t>(header.data() + 6, 4);
  base::StoreNative<uint32_t>(header.data() + 16, kSnapLength);
  base::StoreNative<uint32_t>(header.data() + 20, kLinkTypeRaw);
  return header;
}

}  // namespace

base::Error Capture::ToFile(const char* path, Capture** out) {
  std::unique_ptr<RecordSink> sink;
  if (base::Error error = FileSink::Open(path, &sink); !error.ok()) return error;
  const base::Status status = Start(std::move(sink), out);
  if (status == base::Status::kOk) return {};
  return {status, std::string("path \"") + path + "\" does not take the first bytes; make room"};
}

base::Error Capture::ToFunction(WriteFunction write, base::UserData user_data, Capture** out) {
  if (write == nullptr) return base::Invalid("write is NULL; pass a function that takes bytes");
  const base::Status status =
      Start(std::make_unique<FunctionSink>(write, std::move(user_data)), out);
  if (status == base::Status::kOk) return {};
  return {status, "write can't be called; make the capture outside of other callbacks"};
}

base::Status Capture::Start(std::unique_ptr<RecordSink> sink, Capture** out) {
  const base::Entry entry;
  if (!entry) return base::Status::kNoMemory;
  RecordSink* const to = sink.get();
  auto* const capture = new Capture(std::move(sink));
  if (!to->Write(FileHeader())) {
    capture->Unref();
    return base::Status::kUnsupported;
  }
  *out = capture;
  return base::Status::kOk;
}

Capture::Capture(std::unique_ptr<RecordSink> sink) : sink_(std::move(sink)) {}

void Capture::Record(uint64_t wall_ns, std::span<const uint8_t> packet) noexcept {
  if (inherited()) return;
  const base::ThreadRecord* const thread = base::ThreadRecord::Current();
  if (thread == nullptr) return CountLost();
  std::unique_lock lock(mutex_);
  if (!Append(wall_ns, packet)) CountLost();
  if (writer_.IsCall() && !writer_.WasLeft()) return;
  writer_ = base::CallMark(*thread);
  while (waiting_.used != 0) {
    writing_.used = 0;
    std::swap(waiting_, writing_);
    lock.unlock();
    WriteRecords();
    lock.lock();
  }
  writer_ = {};
}

bool Capture::Append(uint64_t wall_ns, std::span<const uint8_t> packet) noexcept {
  const size_t included = std::min<size_t>(packet.size(), kSnapLength);
  const size_t size = kRecordHeaderSize + included;
  if (size > kBufferSize - waiting_.used) return false;
  uint8_t* const to = waiting_.bytes.get() + waiting_.used;
  constexpr size_t kMost = std::numeric_limits<uint32_t>::max();
  base::StoreNative(to, static_cast<uint32_t>(wall_ns / 1'000'000'000));
  base::StoreNative(to + 4, static_cast<uint32_t>(wall_ns % 1'000'000'000 / 1'000));
  base::StoreNative(to + kIncludedOffset, static_cast<uint32_t>(included));
  base::StoreNative(to + 12, static_cast<uint32_t>(std::min(packet.size(), kMost)));
  if (included != 0) std::memcpy(to + kRecordHeaderSize, packet.data(), included);
  waiting_.used += size;
  return true;
}

void Capture::WriteRecords() noexcept {
  const uint8_t* const bytes = writing_.bytes.get();
  size_t offset = 0;
  while (offset < writing_.used) {
    const size_t size =
        kRecordHeaderSize + base::LoadNative<uint32_t>(bytes + offset + kIncludedOffset);
    if (!sink_->Write({bytes + offset, size})) CountLost();
    offset += size;
  }
}

}  // namespace netstack::link
