#include "netstack/testing/packet_checker.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <sstream>

#include "netstack/testing/packet_builder.h"

namespace netstack::testing {

namespace {

using View = std::span<const uint8_t>;

uint32_t Number(View bytes, size_t at, size_t length) {
  uint32_t value = 0;
  for (const uint8_t byte : bytes.subspan(at, length)) value = value << 8 | byte;
  return value;
}

std::string AddressText(View bytes) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(bytes.size() == 4 ? AF_INET : AF_INET6, bytes.data(), text.data(), text.size());
  return text.data();
}

void Complain(ParsedPacket* parsed, const std::string& problem) {
  parsed->problem += (parsed->problem.empty() ? "" : "; ") + problem;
}

bool Fragmented(const ParsedPacket& parsed) {
  return parsed.more_fragments || parsed.fragment_offset != 0;
}

// `sum` is the checksum over the whole message, 0 if the one inside is right.
void ParseIcmp(View message, uint16_t sum, ParsedPacket* parsed) {
  if (message.size() < 8) {
    Complain(parsed, "an ICMP message of " + std::to_string(message.size()) + " bytes");
    return;
  }
  if (sum != 0) Complain(parsed, "the ICMP checksum is wrong");
  parsed->icmp = true;
  parsed->type = message[0];
  parsed->code = message[1];
  parsed->identifier = static_cast<uint16_t>(Number(message, 4, 2));
  parsed->sequence = static_cast<uint16_t>(Number(message, 6, 2));
  parsed->payload.assign(message.begin() + 8, message.end());
}

void ParseIpv4(View packet, ParsedPacket* parsed) {
  parsed->family = 4;
  const size_t header = packet.empty() ? 0 : size_t{4} * (packet[0] & 15u);
  if (packet.size() < 20 || header < 20 || header > packet.size()) {
    return Complain(parsed, "the IPv4 header is cut off");
  }
  const size_t total = Number(packet, 2, 2);
  if (total != packet.size()) {
    Complain(parsed, "Total Length is " + std::to_string(total) + " in a packet of " +
                         std::to_string(packet.size()));
  }
  if (SlowChecksum(packet.first(header)) != 0) Complain(parsed, "the header checksum is wrong");
  parsed->tos = packet[1];
  parsed->identification = static_cast<uint16_t>(Number(packet, 4, 2));
  const uint32_t flags = Number(packet, 6, 2);
  if ((flags & 0x8000) != 0) Complain(parsed, "the reserved flag is set");
  parsed->dont_fragment = (flags & 0x4000) != 0;
  parsed->more_fragments = (flags & 0x2000) != 0;
  parsed->fragment_offset = static_cast<uint16_t>((flags & 0x1fff) * 8);
  parsed->ttl = packet[8];
  parsed->protocol = packet[9];
  parsed->source = AddressText(packet.subspan(12, 4));
  parsed->destination = AddressText(packet.subspan(16, 4));
  const View options = packet.subspan(20, header - 20);
  parsed->options.assign(options.begin(), options.end());
  const View payload = packet.subspan(header);
  parsed->payload.assign(payload.begin(), payload.end());
  if (parsed->protocol == 1 && !Fragmented(*parsed)) {
    ParseIcmp(payload, SlowChecksum(payload), parsed);
  }
}

bool IsExtension(uint8_t number) {
  constexpr std::array<uint8_t, 4> kExtensions{0, 43, 44, 60};
  return std::find(kExtensions.begin(), kExtensions.end(), number) != kExtensions.end();
}

// Returns what follows the extension headers.
View ParseExtensions(View rest, ParsedPacket* parsed) {
  while (IsExtension(parsed->protocol)) {
    const bool fragment = parsed->protocol == 44;
    const size_t length = rest.size() < 8 || fragment ? 8 : 8 + size_t{8} * rest[1];
    if (rest.size() < length) {
      Complain(parsed, "an extension header is cut off");
      return {};
    }
    parsed->extensions.push_back(parsed->protocol);
    parsed->protocol = rest[0];
    if (fragment) {
      parsed->fragment_offset = static_cast<uint16_t>(Number(rest, 2, 2) & 0xfff8);
      parsed->more_fragments = (rest[3] & 1) != 0;
      // An IPv4 identification has 16 bits; these are the last ones of 32.
      parsed->identification = static_cast<uint16_t>(Number(rest, 6, 2));
    }
    rest = rest.subspan(length);
    if (parsed->fragment_offset != 0) break;  // the middle of something
  }
  return rest;
}

void ParseIpv6(View packet, ParsedPacket* parsed) {
  parsed->family = 6;
  if (packet.size() < 40) return Complain(parsed, "the IPv6 header is cut off");
  const size_t length = Number(packet, 4, 2);
  if (length + 40 != packet.size()) {
    Complain(parsed, "Payload Length is " + std::to_string(length) + " in a packet of " +
                         std::to_string(packet.size()));
  }
  parsed->tos = static_cast<uint8_t>(Number(packet, 0, 2) >> 4);
  parsed->flow_label = Number(packet, 0, 4) & 0xfffff;
  parsed->protocol = packet[6];
  parsed->ttl = packet[7];
  const View source = packet.subspan(8, 16);
  const View destination = packet.subspan(24, 16);
  parsed->source = AddressText(source);
  parsed->destination = AddressText(destination);
  const View payload = ParseExtensions(packet.subspan(40), parsed);
  parsed->payload.assign(payload.begin(), payload.end());
  if (parsed->protocol == 58 && !Fragmented(*parsed) && parsed->problem.empty()) {
    ParseIcmp(payload, SlowChecksum6(source, destination, 58, payload), parsed);
  }
}

std::string Show(const Bytes& bytes) {
  constexpr size_t kShown = 48;
  if (bytes.empty()) return "nothing";
  std::string text = ToHex(View(bytes).first(std::min(bytes.size(), kShown)));
  if (bytes.size() > kShown) text += "...";
  return text + " (" + std::to_string(bytes.size()) + " bytes)";
}
std::string Show(bool value) { return value ? "set" : "not set"; }
std::string Show(std::string_view value) { return std::string(value); }
std::string Show(const std::string& value) { return value; }
template <typename T>
std::string Show(T number) {
  std::ostringstream text;
  text << static_cast<uint64_t>(number) << " (0x" << std::hex << static_cast<uint64_t>(number)
       << ")";
  return text.str();
}

// Collects one line for each field that differs.
class Differences {
 public:
  template <typename Is, typename Wanted>
  void Compare(const char* field, const Is& is, const std::optional<Wanted>& wanted) {
    if (!wanted.has_value() || is == *wanted) return;
    text_ += std::string("  ") + field + ": is " + Show(is) + ", should be " + Show(*wanted) + "\n";
  }
  // As addresses, so that it does not matter how they are written.
  void CompareAddress(const char* field, const std::string& is,
                      const std::optional<std::string_view>& wanted) {
    if (wanted.has_value() && is != Canonical(*wanted)) Compare(field, is, wanted);
  }
  void Say(const std::string& problem) { text_ += "  " + problem + "\n"; }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  static std::string Canonical(std::string_view text) {
    const std::string terminated(text);
    std::array<uint8_t, 16> bytes{};
    if (inet_pton(AF_INET, terminated.c_str(), bytes.data()) == 1) {
      return AddressText(View(bytes).first(4));
    }
    if (inet_pton(AF_INET6, terminated.c_str(), bytes.data()) == 1) return AddressText(bytes);
    return terminated + ", which is no address";
  }

  std::string text_;
};

}  // namespace

ParsedPacket Parse(std::span<const uint8_t> packet) {
  ParsedPacket parsed;
  const int version = packet.empty() ? 0 : packet[0] >> 4;
  if (version == 4) {
    ParseIpv4(packet, &parsed);
  } else if (version == 6) {
    ParseIpv6(packet, &parsed);
  } else {
    Complain(&parsed, "neither IPv4 nor IPv6");
  }
  return parsed;
}

::testing::AssertionResult Matches(std::span<const uint8_t> packet, const Expected& expected) {
  const ParsedPacket is = Parse(packet);
  Differences differences;
  if (!is.problem.empty()) differences.Say(is.problem);
  differences.Compare("family", is.family, expected.family);
  differences.CompareAddress("source", is.source, expected.source);
  differences.CompareAddress("destination", is.destination, expected.destination);
  differences.Compare("tos", is.tos, expected.tos);
  differences.Compare("ttl", is.ttl, expected.ttl);
  differences.Compare("protocol", is.protocol, expected.protocol);
  differences.Compare("identification", is.identification, expected.identification);
  differences.Compare("dont_fragment", is.dont_fragment, expected.dont_fragment);
  differences.Compare("more_fragments", is.more_fragments, expected.more_fragments);
  differences.Compare("fragment_offset", is.fragment_offset, expected.fragment_offset);
  differences.Compare("options", is.options, expected.options);
  differences.Compare("flow_label", is.flow_label, expected.flow_label);
  differences.Compare("extensions", is.extensions, expected.extensions);
  const bool icmp_wanted =
      expected.type || expected.code || expected.identifier || expected.sequence;
  if (icmp_wanted && !is.icmp) {
    differences.Say("it holds no ICMP message");
  } else {
    differences.Compare("type", is.type, expected.type);
    differences.Compare("code", is.code, expected.code);
    differences.Compare("identifier", is.identifier, expected.identifier);
    differences.Compare("sequence", is.sequence, expected.sequence);
  }
  differences.Compare("payload", is.payload, expected.payload);
  if (differences.text().empty()) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "the packet\n  " << ToHex(packet) << "\ndiffers:\n"
                                       << differences.text();
}

::testing::AssertionResult SameBytes(std::span<const uint8_t> actual,
                                     std::span<const uint8_t> expected) {
  const auto parting =
      std::mismatch(actual.begin(), actual.end(), expected.begin(), expected.end());
  if (parting.first == actual.end() && parting.second == expected.end()) {
    return ::testing::AssertionSuccess();
  }
  const auto at = static_cast<size_t>(parting.first - actual.begin());
  const std::string marker = std::string(2 * at, ' ') + "^^";
  return ::testing::AssertionFailure()
         << "byte " << at << " differs (lengths " << actual.size() << " and " << expected.size()
         << ")\n  is        " << ToHex(actual) << "\n  should be " << ToHex(expected)
         << "\n            " << marker;
}

}  // namespace netstack::testing
