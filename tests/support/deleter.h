// How an owner of something of the C ABI's ends it.
#ifndef NETSTACK_TESTS_SUPPORT_DELETER_H_
#define NETSTACK_TESTS_SUPPORT_DELETER_H_

namespace support {

// Frees with a function of the C ABI.
template <auto kFree>
struct Deleter {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};

}  // namespace support

#endif  // NETSTACK_TESTS_SUPPORT_DELETER_H_
