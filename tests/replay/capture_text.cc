// Captures from text and to text. It knows the formats by itself, so that what it
// says does not depend on the library that the program reads captures with.
//   netstack_capture_text write FORMAT LINK-TYPE FILE    text on stdin; micro, nano, big-endian,
//   pcapng netstack_capture_text read FILE                      raw IP with microseconds, as replay
//   writes netstack_capture_text echoes COUNT FILE              so many Echo Requests to 10.0.0.0/8
// A line of text is "SECONDS.FRACTION BYTES"; the bytes in hexadecimal, blanks between them are
// ignored.
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace {

using Bytes = std::vector<uint8_t>;

constexpr uint32_t kMicroseconds = 0xa1b2c3d4;
constexpr uint32_t kNanoseconds = 0xa1b23c4d;
constexpr uint32_t kSnapLength = 262'144;
constexpr uint32_t kRawIp = 101;
constexpr size_t kFileHeader = 24;
constexpr size_t kRecordHeader = 16;

struct Packet {
  uint64_t time_ns = 0;
  Bytes bytes;
};

[[noreturn]] void Die(const std::string& why) {
  std::cerr << "capture_text: " << why << "\n";
  std::exit(2);
}

uint64_t Number(std::string_view text, int base = 10) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc() || end != text.data() + text.size()) {
    Die("no number: \"" + std::string(text) + "\"");
  }
  return number;
}

Packet ParseLine(const std::string& line) {
  const size_t blank = line.find(' ');
  const std::string time = line.substr(0, blank);
  const size_t point = time.find('.');
  std::string fraction = point == std::string::npos ? "" : time.substr(point + 1);
  fraction.resize(9, '0');
  Packet packet;
  packet.time_ns = Number(time.substr(0, point)) * 1'000'000'000 + Number(fraction);
  std::string hex;
  for (const char c : blank == std::string::npos ? "" : line.substr(blank)) {
    if (c != ' ') hex += c;
  }
  if (hex.size() % 2 != 0) Die("half a byte: " + line);
  for (size_t i = 0; i < hex.size(); i += 2) {
    packet.bytes.push_back(static_cast<uint8_t>(Number(std::string_view(hex).substr(i, 2), 16)));
  }
  return packet;
}

// Numbers in the byte order of the file.
class Writer {
 public:
  Writer(const char* path, bool big_endian) : file_(path, std::ios::binary), big_(big_endian) {
    if (!file_) Die(std::string("can't write ") + path);
  }
  void Put(uint64_t number, size_t size) {
    for (size_t i = 0; i < size; ++i) {
      const size_t shift = 8 * (big_ ? size - 1 - i : i);
      file_.put(static_cast<char>(number >> shift & 0xff));
    }
  }
  void Put(const Bytes& bytes) {
    for (const uint8_t byte : bytes) file_.put(static_cast<char>(byte));
  }

 private:
  std::ofstream file_;
  bool big_;
};

void WritePcap(Writer* writer, uint32_t magic, uint32_t link_type, std::vector<Packet> packets) {
  writer->Put(magic, 4);
  writer->Put(2, 2);
  writer->Put(4, 2);
  writer->Put(0, 8);
  writer->Put(kSnapLength, 4);
  writer->Put(link_type, 4);
  const uint64_t unit = magic == kNanoseconds ? 1 : 1000;
  for (const Packet& packet : packets) {
    writer->Put(packet.time_ns / 1'000'000'000, 4);
    writer->Put(packet.time_ns % 1'000'000'000 / unit, 4);
    writer->Put(packet.bytes.size(), 4);
    writer->Put(packet.bytes.size(), 4);
    writer->Put(packet.bytes);
  }
}

// Section Header, Interface Description and Enhanced Packet Blocks of
// draft-ietf-opsawg-pcapng; without options, so microseconds.
void WritePcapng(Writer* writer, uint32_t link_type, const std::vector<Packet>& packets) {
  writer->Put(0x0a0d0d0a, 4);
  writer->Put(28, 4);
  writer->Put(0x1a2b3c4d, 4);
  writer->Put(1, 4);
  writer->Put(UINT64_MAX, 8);
  writer->Put(28, 4);
  writer->Put(1, 4);
  writer->Put(20, 4);
  writer->Put(link_type, 4);
  writer->Put(kSnapLength, 4);
  writer->Put(20, 4);
  for (const Packet& packet : packets) {
    const size_t padding = (4 - packet.bytes.size() % 4) % 4;
    const size_t length = 32 + packet.bytes.size() + padding;
    const uint64_t time_us = packet.time_ns / 1000;
    writer->Put(6, 4);
    writer->Put(length, 4);
    writer->Put(0, 4);
    writer->Put(time_us >> 32, 4);
    writer->Put(time_us & UINT32_MAX, 4);
    writer->Put(packet.bytes.size(), 4);
    writer->Put(packet.bytes.size(), 4);
    writer->Put(packet.bytes);
    writer->Put(0, padding);
    writer->Put(length, 4);
  }
}

void Write(const std::string& format, uint32_t link_type, const char* path) {
  std::vector<Packet> packets;
  for (std::string line; std::getline(std::cin, line);) packets.push_back(ParseLine(line));
  Writer writer(path, format == "big-endian");
  if (format == "pcapng") {
    WritePcapng(&writer, link_type, packets);
  } else if (format == "micro" || format == "nano" || format == "big-endian") {
    WritePcap(&writer, format == "nano" ? kNanoseconds : kMicroseconds, link_type, packets);
  } else {
    Die("no format: " + format);
  }
}

uint32_t Little(const Bytes& bytes, size_t at) {
  return uint32_t{bytes[at]} | uint32_t{bytes[at + 1]} << 8 | uint32_t{bytes[at + 2]} << 16 |
         uint32_t{bytes[at + 3]} << 24;
}

void Read(const char* path) {
  std::ifstream file(path, std::ios::binary);
  const Bytes bytes(std::istreambuf_iterator<char>(file), {});
  if (bytes.size() < kFileHeader || Little(bytes, 0) != kMicroseconds ||
      Little(bytes, 20) != kRawIp) {
    Die(std::string(path) + ": no pcap of raw IP with microseconds");
  }
  for (size_t at = kFileHeader; at < bytes.size();) {
    if (bytes.size() - at < kRecordHeader) Die("half a record");
    const size_t length = Little(bytes, at + 8);
    if (Little(bytes, at + 12) != length || bytes.size() - at - kRecordHeader < length) {
      Die("half a packet");
    }
    std::printf("%u.%06u ", Little(bytes, at), Little(bytes, at + 4));
    at += kRecordHeader;
    for (const size_t end = at + length; at < end; ++at) std::printf("%02x", bytes[at]);
    std::printf("\n");
  }
}

// The Internet checksum (RFC 1071), with the field itself being 0.
void SetChecksum(Bytes* bytes, size_t begin, size_t end, size_t field) {
  uint32_t sum = 0;
  for (size_t i = begin; i < end; ++i) sum += uint32_t{(*bytes)[i]} << ((i - begin) % 2 ? 0 : 8);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  (*bytes)[field] = static_cast<uint8_t>(~sum >> 8);
  (*bytes)[field + 1] = static_cast<uint8_t>(~sum);
}

// One each 10 us, every one to another address and of another length.
void WriteEchoes(uint64_t count, const char* path) {
  std::vector<Packet> packets(count);
  for (uint64_t i = 0; i < count; ++i) {
    const size_t length = 28 + i % 100;
    Bytes bytes(length);
    bytes[0] = 0x45;
    bytes[3] = static_cast<uint8_t>(length);
    bytes[8] = 64;
    bytes[9] = 1;
    const uint8_t addresses[] = {192,
                                 168,
                                 0,
                                 2,
                                 10,
                                 static_cast<uint8_t>(i >> 16),
                                 static_cast<uint8_t>(i >> 8),
                                 static_cast<uint8_t>(i)};
    std::copy(std::begin(addresses), std::end(addresses), bytes.begin() + 12);
    bytes[20] = 8;
    for (size_t at = 24; at < length; ++at) bytes[at] = static_cast<uint8_t>(i >> at % 8);
    SetChecksum(&bytes, 0, 20, 10);
    SetChecksum(&bytes, 20, length, 22);
    packets[i] = {i * 10'000, std::move(bytes)};
  }
  Writer writer(path, false);
  WritePcap(&writer, kMicroseconds, kRawIp, std::move(packets));
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string_view> arguments(argv + 1, argv + argc);
  if (argc == 5 && arguments[0] == "write") {
    Write(argv[2], static_cast<uint32_t>(Number(arguments[2])), argv[4]);
  } else if (argc == 3 && arguments[0] == "read") {
    Read(argv[2]);
  } else if (argc == 4 && arguments[0] == "echoes") {
    WriteEchoes(Number(arguments[1]), argv[3]);
  } else {
    Die("write FORMAT LINK-TYPE FILE, read FILE, or echoes COUNT FILE");
  }
  return 0;
}
