// A map from prefixes to values that answers "the longest one that holds this
// address", and from addresses to values that answers "the one nearest to it".
//
// A path-compressed binary tree of shared nodes: copying a tree costs nothing,
// and a change copies only the nodes above it that somebody else still sees.
// So every configuration has its own tree, and a bulk change still works in
// place. Reading needs no lock and touches no count.
#ifndef NETSTACK_IP_PREFIX_TREE_H_
#define NETSTACK_IP_PREFIX_TREE_H_

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <utility>

#include "netstack/wire/address.h"

namespace netstack::ip {

template <typename Value>
class PrefixTree {
 public:
  struct Node;

  PrefixTree() noexcept = default;
  PrefixTree(const PrefixTree& other) noexcept : root_(other.root_), size_(other.size_) {}
  PrefixTree(PrefixTree&& other) noexcept
      : root_(std::move(other.root_)), size_(std::exchange(other.size_, 0)) {}
  PrefixTree& operator=(PrefixTree other) noexcept {
    std::swap(root_, other.root_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~PrefixTree() = default;

  [[nodiscard]] size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

  // The value of exactly this prefix, or null.
  [[nodiscard]] const Value* Find(wire::Address prefix, uint32_t length) const noexcept {
    for (const Node* node = root_.get(); node != nullptr && node->length <= length;) {
      if (wire::Masked(prefix, node->length) != node->prefix) return nullptr;
      if (node->length == length) return node->value.has_value() ? &*node->value : nullptr;
      node = node->child[wire::BitAt(prefix, node->length)].get();
    }
    return nullptr;
  }

  // The value of the longest prefix that holds `address` and that `accepts`.
  template <typename Accepts>
  [[nodiscard]] const Value* Longest(wire::Address address, Accepts&& accepts) const noexcept {
    const Value* best = nullptr;
    for (const Node* node = root_.get(); node != nullptr;) {
      if (wire::Masked(address, node->length) != node->prefix) break;
      if (node->value.has_value() && accepts(*node->value)) best = &*node->value;
      if (node->length == 128) break;
      node = node->child[wire::BitAt(address, node->length)].get();
    }
    return best;
  }
  [[nodiscard]] bool Holds(wire::Address address) const noexcept {
    return Longest(address, [](const Value&) { return true; }) != nullptr;
  }

  // For trees of whole addresses: the entry with the most leading bits in
  // common with `address`; among equals the one with the lowest order.
  struct Nearby {
    wire::Address address;
    uint32_t order;
    uint32_t common;  // bits
  };
  [[nodiscard]] std::optional<Nearby> Nearest(wire::Address address) const noexcept {
    const Node* node = root_.get();
    if (node == nullptr) return std::nullopt;
    while (node->length < 128 && wire::Masked(address, node->length) == node->prefix) {
      const Node* const next = node->child[wire::BitAt(address, node->length)].get();
      if (next == nullptr) break;
      node = next;
    }
    return Nearby{node->lowest_at, node->lowest, wire::CommonPrefix(address, node->lowest_at)};
  }

  // The prefix with the lowest order.
  [[nodiscard]] std::optional<wire::Address> Lowest() const noexcept {
    if (root_.get() == nullptr) return std::nullopt;
    return root_->lowest_at;
  }

  // Replaces what was there. The bits behind the prefix must be 0. Throws
  // std::bad_alloc, after which the tree may only be destroyed or assigned to.
  void Set(wire::Address prefix, uint32_t length, Value value, uint32_t order = 0) {
    bool added = false;
    root_ = Insert(std::move(root_), prefix, length, std::move(value), order, &added);
    if (added) ++size_;
  }
  // False if it was not there. Throws as Set() does.
  bool Erase(wire::Address prefix, uint32_t length) {
    if (Find(prefix, length) == nullptr) return false;
    root_ = Remove(std::move(root_), prefix, length);
    --size_;
    return true;
  }

  // Calls visit(prefix, length, value) for every entry, in order of prefixes.
  template <typename Visit>
  void ForEach(Visit&& visit) const {
    Walk(root_.get(), visit);
  }

 private:
  // A counted pointer; counts are touched by writers only.
  class Pointer {
   public:
    Pointer() noexcept = default;
    explicit Pointer(Node* node) noexcept : node_(node) {}
    Pointer(const Pointer& other) noexcept : node_(other.node_) {
      if (node_ != nullptr) node_->references.fetch_add(1, std::memory_order_relaxed);
    }
    Pointer(Pointer&& other) noexcept : node_(std::exchange(other.node_, nullptr)) {}
    Pointer& operator=(Pointer other) noexcept {
      std::swap(node_, other.node_);
      return *this;
    }
    ~Pointer() {
      if (node_ != nullptr && node_->references.fetch_sub(1, std::memory_order_acq_rel) == 1) {
        delete node_;
      }
    }
    [[nodiscard]] const Node* get() const noexcept { return node_; }
    const Node* operator->() const noexcept { return node_; }
    explicit operator bool() const noexcept { return node_ != nullptr; }
    // A node that nobody else sees: this one, or a copy of it.
    Node* Own() {
      if (node_->references.load(std::memory_order_acquire) != 1) *this = Pointer(new Node(*node_));
      return node_;
    }

   private:
    Node* node_ = nullptr;
  };

 public:
  struct Node {
    Node(wire::Address p, uint32_t l) noexcept : prefix(p), length(l) {}
    Node(const Node& other)
        : prefix(other.prefix),
          length(other.length),
          lowest(other.lowest),
          lowest_at(other.lowest_at),
          order(other.order),
          value(other.value),
          child(other.child) {}
    Node& operator=(const Node&) = delete;
    ~Node() = default;

    std::atomic<uint32_t> references{1};
    wire::Address prefix;
    uint32_t length;
    uint32_t lowest = UINT32_MAX;  // the lowest order in this subtree, and whose it is
    wire::Address lowest_at;
    uint32_t order = 0;
    std::optional<Value> value;
    std::array<Pointer, 2> child;

    void Summarise() noexcept {
      lowest = value.has_value() ? order : UINT32_MAX;
      lowest_at = prefix;
      for (const Pointer& c : child) {
        if (c && c->lowest < lowest) {
          lowest = c->lowest;
          lowest_at = c->lowest_at;
        }
      }
    }
  };

 private:
  static Pointer Insert(Pointer node, wire::Address prefix, uint32_t length, Value&& value,
                        uint32_t order, bool* added) {
    if (!node) {
      *added = true;
      return Leaf(prefix, length, std::move(value), order);
    }
    const uint32_t common =
        std::min({wire::CommonPrefix(prefix, node->prefix), length, node->length});
    if (common == node->length) {
      Node* const own = node.Own();
      if (common == length) {
        *added = !own->value.has_value();
        own->value = std::move(value);
        own->order = order;
      } else {
        Pointer& child = own->child[wire::BitAt(prefix, common)];
        child = Insert(std::move(child), prefix, length, std::move(value), order, added);
      }
      own->Summarise();
      return node;
    }
    *added = true;
    Pointer leaf = Leaf(prefix, length, std::move(value), order);
    const uint32_t side = wire::BitAt(node->prefix, common);  // of the old node
    if (common == length) {                                   // the new prefix holds the old node
      Node* const own = leaf.Own();
      own->child[side] = std::move(node);
      own->Summarise();
      return leaf;
    }
    Pointer fork(new Node(wire::Masked(prefix, common), common));
    Node* const own = fork.Own();
    own->child[side] = std::move(node);
    own->child[side ^ 1] = std::move(leaf);
    own->Summarise();
    return fork;
  }

  static Pointer Leaf(wire::Address prefix, uint32_t length, Value&& value, uint32_t order) {
    Pointer leaf(new Node(prefix, length));
    Node* const own = leaf.Own();
    own->value = std::move(value);
    own->order = order;
    own->Summarise();
    return leaf;
  }

  static Pointer Remove(Pointer node, wire::Address prefix, uint32_t length) {
    Node* const own = node.Own();
    if (own->length == length) {
      own->value.reset();
    } else {
      Pointer& child = own->child[wire::BitAt(prefix, own->length)];
      child = Remove(std::move(child), prefix, length);
    }
    // A node without a value is there only to part two children.
    if (!own->value.has_value()) {
      if (!own->child[0]) return std::move(own->child[1]);
      if (!own->child[1]) return std::move(own->child[0]);
    }
    own->Summarise();
    return node;
  }

  template <typename Visit>
  static void Walk(const Node* node, Visit& visit) {
    if (node == nullptr) return;
    if (node->value.has_value()) visit(node->prefix, node->length, *node->value);
    Walk(node->child[0].get(), visit);
    Walk(node->child[1].get(), visit);
  }

  Pointer root_;
  size_t size_ = 0;
};

}  // namespace netstack::ip

#endif  // NETSTACK_IP_PREFIX_TREE_H_
