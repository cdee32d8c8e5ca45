// What a running program says about itself: one line that is refreshed on a
// terminal, or one line after the other elsewhere.
#ifndef CAPI_PROGRAM_LIVE_LINE_H_
#define CAPI_PROGRAM_LIVE_LINE_H_

#include <string>

namespace program {

class LiveLine {
 public:
  explicit LiveLine(bool refreshed) noexcept : refreshed_(refreshed) {}
  // Takes the refreshed line away, to make room for the last words.
  ~LiveLine();
  LiveLine(const LiveLine&) = delete;
  LiveLine& operator=(const LiveLine&) = delete;

  void Show(const std::string& text);

 private:
  bool refreshed_;
  size_t shown_ = 0;  // characters on the terminal's line
};

}  // namespace program

#endif  // CAPI_PROGRAM_LIVE_LINE_H_
