#include "capture_writer.h"

#include <fmt/format.h>

#include <cstdio>

#include "failure.h"

namespace program {

namespace {

constexpr int kSnapLength = 262'144;  // tcpdump's: longer than any IP packet
constexpr uint64_t kSecond = 1'000'000'000;

[[noreturn]] void Fail(const OutputFile& file) {
  throw Failure(kExitFailed,
                fmt::format("\"{}\": can't be written; is the disk full?", file.path()));
}

}  // namespace

CaptureWriter::CaptureWriter(const OutputFile& file)
    : file_(file), format_(pcap_open_dead(DLT_RAW, kSnapLength)) {
  if (format_ == nullptr) Fail(file_);
  // Takes the stream over, also when it fails.
  dumper_.reset(pcap_dump_fopen(format_.get(), file_.OpenStream()));
  if (dumper_ == nullptr) Fail(file_);
}

void CaptureWriter::Add(uint64_t time_ns, std::span<const uint8_t> packet) noexcept {
  pcap_pkthdr header{};
  header.ts.tv_sec = static_cast<time_t>(time_ns / kSecond);
  header.ts.tv_usec = static_cast<suseconds_t>(time_ns % kSecond / 1000);
  header.caplen = static_cast<uint32_t>(packet.size());
  header.len = header.caplen;
  // The parameter is what pcap_loop() passes on.
  pcap_dump(reinterpret_cast<u_char*>(dumper_.get()), &header, packet.data());
}

void CaptureWriter::Finish() {
  const bool flushed = pcap_dump_flush(dumper_.get()) == 0;
  if (!flushed || std::ferror(pcap_dump_file(dumper_.get())) != 0) Fail(file_);
  dumper_.reset();
}

}  // namespace program
