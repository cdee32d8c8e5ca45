/**
 * @file
 * Bytes that belong to somebody else.
 */
#ifndef NETSTACK_HPP_BYTES_HPP
#define NETSTACK_HPP_BYTES_HPP

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

namespace netstack {

/**
 * Bytes to read, borrowed: valid as long as who lent them says. What std::span is in C++20.
 *
 * Made from any container whose bytes lie in a row: std::vector<std::uint8_t>, std::string,
 * std::array<std::byte, N>, std::span, ...
 */
class ByteView {
 public:
  ByteView() noexcept = default;
  ByteView(const std::uint8_t* data, std::size_t size) noexcept : data_(data), size_(size) {}
  template <typename Container,
            typename Byte = std::remove_pointer_t<decltype(std::declval<Container&>().data())>,
            typename = decltype(std::declval<Container&>().size()),
            typename = std::enable_if_t<std::is_trivially_copyable_v<Byte> && sizeof(Byte) == 1>>
  ByteView(const Container& container) noexcept  // NOLINT(google-explicit-constructor)
      : data_(reinterpret_cast<const std::uint8_t*>(container.data())), size_(container.size()) {}
  template <std::size_t kSize>
  ByteView(const std::uint8_t (&array)[kSize]) noexcept  // NOLINT(google-explicit-constructor)
      : data_(array), size_(kSize) {}

  [[nodiscard]] const std::uint8_t* data() const noexcept { return data_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] const std::uint8_t* begin() const noexcept { return data_; }
  [[nodiscard]] const std::uint8_t* end() const noexcept { return data_ + size_; }
  /** The byte at `index`, which must be below size(). */
  std::uint8_t operator[](std::size_t index) const noexcept { return data_[index]; }
  /** What comes after the first `count` bytes; nothing, if there are no more. */
  [[nodiscard]] ByteView Skip(std::size_t count) const noexcept {
    return count < size_ ? ByteView(data_ + count, size_ - count) : ByteView();
  }
  /** A copy of the caller's own. */
  [[nodiscard]] std::vector<std::uint8_t> Copy() const { return {begin(), end()}; }

 private:
  const std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace netstack

#endif  // NETSTACK_HPP_BYTES_HPP
