#include "ping_output.h"

#include <charconv>
#include <sstream>
#include <string_view>

#include "address_text.h"

namespace program {

namespace {

// The text between two others, or nothing.
std::optional<std::string> Between(const std::string& line, std::string_view before,
                                   std::string_view after) {
  const size_t at = line.find(before);
  if (at == std::string::npos) return std::nullopt;
  const size_t begin = at + before.size();
  const size_t end = line.find(after, begin);
  if (end == std::string::npos) return std::nullopt;
  return line.substr(begin, end - begin);
}

std::optional<double> ParseTime(const std::string& text) {
  double time = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), time);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return time;
}

// A link-local address is shown with its device: "fe80::1%tun0".
std::optional<ns_address> ParseSource(const std::string& text) {
  return ParseAddress(text.substr(0, text.find('%')));
}

// "64 bytes from fd07::1: icmp_seq=1 ttl=64 time=0.041 ms"
bool ReadPingLine(const std::string& line, Reply* reply) {
  const auto source = Between(line, " bytes from ", ": icmp_seq=");
  if (!source) return false;
  reply->from = ParseSource(*source);
  const auto time = Between(line, " time=", " ms");
  const auto milliseconds = time ? ParseTime(*time) : std::nullopt;
  if (!reply->from || !milliseconds) {
    reply->trouble = "ping says: " + line;
    return true;
  }
  reply->milliseconds = *milliseconds;
  // "(BAD CHECKSUM!)", "(DUP!)", "(DIFFERENT ADDRESS!)"
  if (line.find('!') != std::string::npos) reply->trouble = "ping says: " + line;
  return true;
}

}  // namespace

Reply ReadPing(const std::string& output) {
  Reply reply;
  std::istringstream lines(output);
  std::string line;
  bool found = false;
  while (std::getline(lines, line)) {
    if (!found) {
      found = ReadPingLine(line, &reply);
    } else if (line.find(" bytes from ") != std::string::npos ||
               line.find("wrong data byte") != std::string::npos) {
      reply.trouble = "ping says: " + line;
    }
    // Errors of its own, and of routers: "From 10.7.0.1 icmp_seq=1 Destination ..."
    if (line.starts_with("ping: ") || line.starts_with("From ")) {
      reply.trouble = line;
    }
  }
  return reply;
}

Reply ReadTraceroute(const std::string& output) {
  Reply reply;
  std::istringstream lines(output);
  std::string line;
  int hops = 0;
  while (std::getline(lines, line)) {
    // " 1  10.7.1.1  0.123 ms", or " 1  *"
    std::istringstream words(line);
    int number = 0;
    std::string source;
    std::string time;
    if (!(words >> number >> source >> time)) continue;
    ++hops;
    const auto milliseconds = ParseTime(time);
    reply.from = ParseSource(source);
    if (!reply.from || !milliseconds) continue;
    reply.milliseconds = *milliseconds;
    if (words >> time >> time) reply.trouble = "traceroute says: " + line;  // "!H" and the like
  }
  if (hops > 1) reply.trouble = "traceroute found " + std::to_string(hops) + " hops";
  return reply;
}

}  // namespace program
