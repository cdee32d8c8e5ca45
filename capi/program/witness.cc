#include "witness.h"

#include <fmt/format.h>

#include <exception>
#include <span>

#include "address_text.h"

namespace program {

namespace {

constexpr size_t kRecordHeader = 16;  // of a pcap record, before the packet
constexpr uint8_t kPromisedTtl = 64;

bool IsAnswer(const EchoPacket& reply, const EchoPacket& request) noexcept {
  return !reply.request && reply.identifier == request.identifier &&
         reply.sequence == request.sequence && IsSame(reply.destination, request.source);
}

std::string Differs(const DemoCase& wanted, const EchoPacket& request, const EchoPacket& reply) {
  if (!IsSame(reply.source, wanted.answerer.value())) {
    return "the reply came from " + Text(reply.source);
  }
  if (reply.ttl != kPromisedTtl) return fmt::format("the reply's TTL is {}", reply.ttl);
  if (request.tos != wanted.tos) return fmt::format("the request's TOS is {:#x}", request.tos);
  if (reply.tos != wanted.tos) return fmt::format("the reply's TOS is {:#x}", reply.tos);
  if (reply.payload != request.payload) return "the reply's data differs from the request's";
  return {};
}

}  // namespace

Witness::Witness()
    : capture_(Make<CaptureHandle>(ns_capture_callback_new, OnBytes, this, nullptr)) {}

void Witness::OnBytes(void* user_data, const uint8_t* bytes, size_t length) noexcept {
  if (length <= kRecordHeader) return;
  // The file header comes first; its 8 bytes after 16 are no packet.
  try {
    auto echo = Parse(std::span(bytes, length).subspan(kRecordHeader));
    if (echo) static_cast<Witness*>(user_data)->seen_.push_back(std::move(*echo));
  } catch (const std::exception&) {
    // Without memory there is no witness, and the judgement says so.
  }
}

std::string Witness::Judge(const DemoCase& wanted, size_t begin) const {
  size_t requests = 0;
  for (size_t i = begin; i < seen_.size(); ++i) {
    const EchoPacket& request = seen_[i];
    if (!request.request || !IsSame(request.destination, wanted.asked)) continue;
    ++requests;
    size_t replies = 0;
    for (size_t j = i + 1; j < seen_.size(); ++j) {
      if (!IsAnswer(seen_[j], request)) continue;
      ++replies;
      if (!wanted.answerer) return "a reply came from " + Text(seen_[j].source);
      if (std::string trouble = Differs(wanted, request, seen_[j]); !trouble.empty()) {
        return trouble;
      }
    }
    if (wanted.answerer && replies != 1) return fmt::format("{} replies went out", replies);
  }
  return requests == 0 ? "no request reached the stack" : "";
}

}  // namespace program
