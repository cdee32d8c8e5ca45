#include "guard.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace netstack::capi {

namespace {

// Statuses go through as they are.
constexpr bool Same(base::Status ours, ns_status theirs) {
  return static_cast<ns_status>(ours) == theirs;
}
static_assert(Same(base::Status::kUnclaimed, NS_UNCLAIMED));
static_assert(Same(base::Status::kOk, NS_OK));
static_assert(Same(base::Status::kInvalidArgument, NS_ERR_INVALID_ARGUMENT));
static_assert(Same(base::Status::kNoMemory, NS_ERR_NO_MEMORY));
static_assert(Same(base::Status::kExpired, NS_ERR_EXPIRED));
static_assert(Same(base::Status::kNotReplyable, NS_ERR_NOT_REPLYABLE));
static_assert(Same(base::Status::kNoRoute, NS_ERR_NO_ROUTE));
static_assert(Same(base::Status::kLimited, NS_ERR_LIMITED));
static_assert(Same(base::Status::kBusy, NS_ERR_BUSY));
static_assert(Same(base::Status::kUnsupported, NS_ERR_UNSUPPORTED));
static_assert(Same(base::Status::kTooSmall, NS_ERR_TOO_SMALL));
static_assert(Same(base::Status::kNotFound, NS_ERR_NOT_FOUND));
static_assert(Same(base::Status::kClosed, NS_ERR_CLOSED));
static_assert(Same(base::Status::kAnswered, NS_ERR_ANSWERED));
static_assert(Same(base::Status::kTimedOut, NS_ERR_TIMED_OUT));
static_assert(Same(base::Status::kWouldBlock, NS_ERR_WOULD_BLOCK));
static_assert(Same(base::Status::kInternal, NS_ERR_INTERNAL));

struct Character {
  uint32_t code = 0;
  size_t length = 0;  // 0: no valid UTF-8
};

// What `text`, which is not empty, begins with.
Character FirstCharacter(std::string_view text) noexcept {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return {};
  uint32_t code = lead & (0xffu >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {};
    code = code << 6 | (byte(i) & 0x3fu);
  }
  constexpr uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xd800 && code < 0xe000;
  if (code < kSmallest[length] || code > 0x10ffff || surrogate) return {};
  return {code, length};
}

bool Shown(uint32_t code) noexcept {
  const bool control = code < 0x20 || (code >= 0x7f && code < 0xa0);
  const bool line_break = code == 0x2028 || code == 0x2029;
  return !control && !line_break;
}

// A message quotes what callers passed: whatever that was, it stays one line of
// UTF-8.
std::string OneLine(std::string_view text) {
  std::string line;
  line.reserve(text.size());
  while (!text.empty()) {
    const Character character = FirstCharacter(text);
    if (character.length != 0 && Shown(character.code)) {
      line.append(text.substr(0, character.length));
    } else {
      line.push_back('?');
    }
    text.remove_prefix(character.length != 0 ? character.length : 1);
  }
  return line;
}

}  // namespace

ns_status Report(const base::Error& error, ns_error** out_error) noexcept {
  const ns_status status = ToC(error.status());
  if (out_error == nullptr) return status;
  *out_error = nullptr;
  if (status >= 0) return status;
  try {
    *out_error = new ns_error{error.status(), OneLine(error.message())};
  } catch (const std::bad_alloc&) {
    return status;
  }
  return status;
}

}  // namespace netstack::capi
