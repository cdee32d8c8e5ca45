#include "netstack/ip/ipv4_options.h"

#include <bitset>
#include <cstring>
#include <optional>

#include "netstack/base/byte_order.h"
#include "netstack/wire/ipv4_options.h"

namespace netstack::ip {

namespace {

constexpr wire::Family kFamily = wire::Family::kIpv4;
constexpr uint8_t kAddressSize = 4;
constexpr uint8_t kTimeSize = 4;

// The offset, in the option, of what is wrong with it.
using Problem = std::optional<uint8_t>;

// What we write where an option asks for our address: the NIC's first one, be
// it near the source or not; without any, what the packet calls us.
std::optional<wire::Address> LocalAddress(const Context& context,
                                          const packet::Packet& packet) noexcept {
  if (const auto first = context.interface.of(kFamily).sources.First()) return first;
  if (packet.arrival.broadcast || wire::IsIpv4Multicast(packet.destination)) return std::nullopt;
  return packet.destination;
}

// Milliseconds since midnight UTC (RFC 791 3.1).
uint32_t TimeOfDay(const Context& context) noexcept {
  constexpr uint64_t kNanosecondsPerMillisecond = 1'000'000;
  constexpr uint64_t kMillisecondsPerDay = 86'400'000;
  return static_cast<uint32_t>(context.configuration.clock->WallNow() / kNanosecondsPerMillisecond %
                               kMillisecondsPerDay);
}

// One option that has room for all it says. Filled in unless `local` is null.
Problem RecordRoute(uint8_t* option, uint8_t length, const wire::Address* local) noexcept {
  if (length < wire::kIpv4RecordRouteHeader + kAddressSize) return wire::kIpv4OptionLength;
  const uint8_t pointer = option[wire::kIpv4OptionPointer];
  if (pointer <= wire::kIpv4RecordRouteHeader) return wire::kIpv4OptionPointer;
  if (pointer > length) return std::nullopt;  // full
  if (pointer + kAddressSize > length + 1) return wire::kIpv4OptionPointer;
  if (local != nullptr) {
    local->ToIpv4(option + pointer - 1);
    option[wire::kIpv4OptionPointer] = static_cast<uint8_t>(pointer + kAddressSize);
  }
  return std::nullopt;
}

// Of a full one. Nobody counts whom the source did not ask.
Problem CountOverflow(uint8_t* option, uint8_t flag) noexcept {
  if (flag == wire::kIpv4TimesOfGivenAddresses) return std::nullopt;
  const uint8_t overflow = option[wire::kIpv4OptionOverflow];
  if (overflow >> 4 == 15) return wire::kIpv4OptionOverflow;
  option[wire::kIpv4OptionOverflow] = static_cast<uint8_t>(overflow + 0x10);
  return std::nullopt;
}

void WriteTime(const Context& context, uint8_t* option, uint8_t flag,
               const wire::Address& local) noexcept {
  uint8_t& pointer = option[wire::kIpv4OptionPointer];
  uint8_t* slot = option + pointer - 1;
  uint8_t size = kTimeSize;
  if (flag != wire::kIpv4TimesOnly) {
    uint8_t address[kAddressSize];
    local.ToIpv4(address);
    if (flag == wire::kIpv4TimesOfGivenAddresses &&
        std::memcmp(slot, address, sizeof address) != 0) {
      return;
    }
    std::memcpy(slot, address, sizeof address);
    slot += sizeof address;
    size += kAddressSize;
  }
  base::Store32(slot, TimeOfDay(context));
  pointer = static_cast<uint8_t>(pointer + size);
}

Problem Timestamp(const Context& context, uint8_t* option, uint8_t length,
                  const wire::Address* local) noexcept {
  const uint8_t flag = option[wire::kIpv4OptionOverflow] & 0x0f;
  if (flag != wire::kIpv4TimesOnly && flag != wire::kIpv4TimesWithAddresses &&
      flag != wire::kIpv4TimesOfGivenAddresses) {
    return wire::kIpv4OptionOverflow;
  }
  const uint8_t pointer = option[wire::kIpv4OptionPointer];
  if (pointer <= wire::kIpv4TimestampHeader) return wire::kIpv4OptionPointer;
  if (pointer > length) return CountOverflow(option, flag);
  const int entry = flag == wire::kIpv4TimesOnly ? kTimeSize : kAddressSize + kTimeSize;
  if (pointer - 1 + entry > length) return wire::kIpv4OptionPointer;
  if (local != nullptr) WriteTime(context, option, flag, *local);
  return std::nullopt;
}

// RFC 2113 2.1.
Problem RouterAlert(const uint8_t* option) noexcept {
  if (base::Load16(option + wire::kIpv4OptionValue) != 0) return wire::kIpv4OptionValue;
  return std::nullopt;
}

// Whether an option of so many bytes, among those that are left, can be what it
// says it is. A wrong length is told by the option's first byte, as Linux does.
Problem CheckLength(const uint8_t* option, size_t left) noexcept {
  if (left == 1) return 0;
  const uint8_t length = option[wire::kIpv4OptionLength];
  if (length <= 1 || length > left) return 0;
  const auto refuse_if = [](bool wrong) { return wrong ? Problem(1) : std::nullopt; };
  switch (option[0]) {
    case wire::kIpv4Timestamp:
      return refuse_if(length < wire::kIpv4TimestampHeader);
    case wire::kIpv4RecordRoute:
      return refuse_if(length < wire::kIpv4RecordRouteHeader);
    case wire::kIpv4RouterAlert:
      return refuse_if(length != wire::kIpv4RouterAlertSize);
    case wire::kIpv4Experiment:
      return refuse_if(length != wire::kIpv4ExperimentSize);
    default:
      return std::nullopt;
  }
}

bool KeepsUnknown(OptionUse use) noexcept {
  return use == OptionUse::kReceive || use == OptionUse::kForward;
}

IpCounter CounterOf(uint8_t type) noexcept {
  switch (type) {
    case wire::kIpv4Timestamp:
      return IpCounter::kOptionTimestampReceived;
    case wire::kIpv4RecordRoute:
      return IpCounter::kOptionRecordRouteReceived;
    case wire::kIpv4RouterAlert:
      return IpCounter::kOptionRouterAlertReceived;
    default:
      return IpCounter::kOptionUnknownReceived;
  }
}

// `option` is the copy in the output.
Problem Process(const Context& context, uint8_t* option, uint8_t length,
                const wire::Address* local) noexcept {
  switch (option[0]) {
    case wire::kIpv4Timestamp:
      return Timestamp(context, option, length, local);
    case wire::kIpv4RecordRoute:
      return RecordRoute(option, length, local);
    case wire::kIpv4RouterAlert:
      return RouterAlert(option);
    default:
      return std::nullopt;
  }
}

Ipv4Options ProblemAt(size_t offset) noexcept {
  Ipv4Options options;
  options.outcome = Ipv4Options::Outcome::kProblem;
  options.pointer = static_cast<uint8_t>(wire::kIpv4MinimumHeader + offset);
  return options;
}

}  // namespace

Ipv4Options ProcessIpv4Options(const Context& context, const packet::Packet& packet,
                               OptionUse use) noexcept {
  Ipv4Options out;
  const auto local = LocalAddress(context, packet);
  if (!local) {
    out.outcome = Ipv4Options::Outcome::kNoAddress;
    return out;
  }
  const wire::Address* const filled_in = use == OptionUse::kVerify ? nullptr : &*local;
  std::array<uint8_t, wire::kIpv4MaximumOptions> in;  // nobody changes these while we look
  const size_t size = packet.header_length - wire::kIpv4MinimumHeader;
  std::memcpy(in.data(), packet.bytes + wire::kIpv4MinimumHeader, size);
  std::bitset<256> seen;
  for (size_t at = 0; at < size;) {
    const uint8_t type = in[at];
    if (type == wire::kIpv4NoOperation || type == wire::kIpv4EndOfOptions) {
      out.bytes[out.length++] = type;
      ++at;
      if (type == wire::kIpv4EndOfOptions) break;
      continue;
    }
    if (const Problem problem = CheckLength(&in[at], size - at)) return ProblemAt(at + *problem);
    if (seen.test(type)) return ProblemAt(at);
    seen.set(type);
    const IpCounter counter = CounterOf(type);
    context.counters.Add(At(kFamily, counter));
    const uint8_t length = in[at + wire::kIpv4OptionLength];
    if (counter != IpCounter::kOptionUnknownReceived || KeepsUnknown(use)) {
      uint8_t* const copy = &out.bytes[out.length];
      std::memcpy(copy, &in[at], length);
      if (const Problem problem = Process(context, copy, length, filled_in)) {
        return ProblemAt(at + *problem);
      }
      out.length = static_cast<uint8_t>(out.length + length);
    }
    at += length;
  }
  out.length = static_cast<uint8_t>((out.length + 3) & ~3);  // the rest is zeros
  return out;
}

}  // namespace netstack::ip
