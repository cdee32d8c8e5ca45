#include "live_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

namespace program {

LiveLine::~LiveLine() {
  if (shown_ == 0) return;
  std::fprintf(stdout, "\r%*s\r", static_cast<int>(shown_), "");
  std::fflush(stdout);
}

void LiveLine::Show(const std::string& text) {
  if (refreshed_) {
    // Blanks cover what the last text had more.
    fmt::print("\r{:<{}}", text, shown_);
    shown_ = std::max(shown_, text.size());
  } else {
    fmt::print("{}\n", text);
  }
  std::fflush(stdout);
}

}  // namespace program
