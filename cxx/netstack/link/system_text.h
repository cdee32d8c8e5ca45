// An errno in words.
#ifndef NETSTACK_LINK_SYSTEM_TEXT_H_
#define NETSTACK_LINK_SYSTEM_TEXT_H_

#include <string>
#include <system_error>

namespace netstack::link {

// "Permission denied (errno 13)".
inline std::string SystemText(int error) {
  return std::generic_category().message(error) + " (errno " + std::to_string(error) + ")";
}

}  // namespace netstack::link

#endif  // NETSTACK_LINK_SYSTEM_TEXT_H_
