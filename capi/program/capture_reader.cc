#include "capture_reader.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <limits>
#include <utility>

#include "failure.h"
#include "link_header.h"

namespace program {

namespace {

constexpr int64_t kSecond = 1'000'000'000;
// What the stack sends afterwards, until its timers have run, can still be
// written down: a pcap file counts seconds in 32 bits.
constexpr int64_t kLatestSecond = int64_t{std::numeric_limits<uint32_t>::max()} - 120;

[[noreturn]] void Refuse(const std::string& path, const std::string& why) {
  throw Failure(kExitBadArguments, fmt::format("\"{}\": {}", path, why));
}

// Nanoseconds, whatever unit the file has.
pcap_t* Open(const std::string& path) {
  FILE* const file = std::fopen(path.c_str(), "rbe");
  if (file == nullptr) Refuse(path, std::strerror(errno));
  char why[PCAP_ERRBUF_SIZE] = "";
  pcap_t* const capture =
      pcap_fopen_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_NANO, why);
  if (capture == nullptr) {
    std::fclose(file);
    Refuse(path, fmt::format("no capture: {}", why));
  }
  return capture;
}

std::string LinkTypeName(int link_type) {
  const char* const name = pcap_datalink_val_to_name(link_type);
  return name != nullptr ? name : std::to_string(link_type);
}

}  // namespace

CaptureReader::CaptureReader(std::string path)
    : path_(std::move(path)), capture_(Open(path_)), link_type_(pcap_datalink(capture_.get())) {
  if (IsLinkTypeOfIp(link_type_)) return;
  Refuse(path_, fmt::format("link type {}; use a capture of raw IP, Ethernet or Linux cooked",
                            LinkTypeName(link_type_)));
}

bool CaptureReader::Next(CapturedPacket* packet) {
  pcap_pkthdr* header = nullptr;
  const u_char* bytes = nullptr;
  const int result = pcap_next_ex(capture_.get(), &header, &bytes);
  if (result == PCAP_ERROR_BREAK) return false;  // the end of the file
  ++count_;
  if (result != 1) Refuse(path_, fmt::format("packet {}: {}", count_, pcap_geterr(capture_.get())));

  int64_t seconds = header->ts.tv_sec;
  // The library takes the 32 bits of a pcap file for a signed number.
  if (seconds < 0) seconds += int64_t{1} << 32;
  const int64_t fraction = header->ts.tv_usec;  // in nanoseconds, as asked for
  if (seconds < 0 || seconds > kLatestSecond || fraction < 0 || fraction >= kSecond) {
    Refuse(path_, fmt::format("packet {}: its time makes no sense", count_));
  }
  packet->time_ns = static_cast<uint64_t>(seconds * kSecond + fraction);
  packet->packet = WithoutLinkHeader(link_type_, {bytes, header->caplen});
  return true;
}

}  // namespace program
