#include "netstack/ip/held_datagram.h"

#include <cstring>
#include <iterator>
#include <utility>

namespace netstack::ip {

// What is between two pieces is a hole, and so is what is behind the last one
// until the datagram's end is known. A fragment must fit into one of them.
HeldDatagram::Outcome HeldDatagram::Place(const Fragment& fragment) const noexcept {
  const auto after = pieces_.lower_bound(fragment.offset);
  if (after != pieces_.begin()) {
    const auto& [offset, before] = *std::prev(after);
    if (offset + before.length > fragment.offset) return Outcome::kConflict;
  }
  if (after == pieces_.end()) return end_ != 0 ? Outcome::kConflict : Outcome::kTaken;
  const auto& [offset, piece] = *after;
  const bool same = offset == fragment.offset && piece.length == fragment.length();
  if (same && (fragment.more || piece.last)) return Outcome::kDuplicate;
  // One that says to be the last must not be followed by any.
  return offset < fragment.end() || !fragment.more ? Outcome::kConflict : Outcome::kTaken;
}

void HeldDatagram::KeepFirst(const Fragment& fragment, const uint8_t* bytes) noexcept {
  first_ = fragment.packet;
  first_.bytes = bytes;
  if (fragment.packet.extras != nullptr) {
    first_extras_ = *fragment.packet.extras;
    first_.extras = &first_extras_;
  }
  first_data_at_ = fragment.data_at;
  nic_ = fragment.packet.nic;
}

HeldDatagram::Outcome HeldDatagram::Add(const Fragment& fragment) {
  const Outcome outcome = Place(fragment);
  if (outcome != Outcome::kTaken) return outcome;

  const bool first = fragment.offset == 0;
  // An error would quote all of the first one; of others the data will do.
  const uint32_t skipped = first ? 0 : fragment.data_at;
  const size_t size = fragment.packet.length - skipped;
  Piece piece{fragment.length(), fragment.data_at - skipped, !fragment.more,
              std::make_unique_for_overwrite<uint8_t[]>(size)};
  const uint8_t* const bytes = piece.bytes.get();
  std::memcpy(piece.bytes.get(), fragment.packet.bytes + skipped, size);
  if (pieces_.empty()) nic_ = fragment.packet.nic;
  pieces_.emplace(fragment.offset, std::move(piece));
  if (first) KeepFirst(fragment, bytes);
  held_ += fragment.length();
  if (!fragment.more) end_ = fragment.end();
  bytes_ += size + kFragmentOverhead;
  return outcome;
}

void HeldDatagram::CopyData(uint8_t* to) const noexcept {
  for (const auto& [offset, piece] : pieces_) {
    std::memcpy(to + offset, piece.bytes.get() + piece.data_at, piece.length);
  }
}

}  // namespace netstack::ip
