// A file that appears whole or not at all.
#ifndef CAPI_PROGRAM_OUTPUT_FILE_H_
#define CAPI_PROGRAM_OUTPUT_FILE_H_

#include <sys/types.h>

#include <cstdio>
#include <string>
#include <string_view>

#include "failure.h"

namespace program {

// Written beside its place and moved there by Commit(); until then a file that
// was there before stays as it is. What is no regular file (a pipe, a terminal)
// is written to at once.
class OutputFile {
 public:
  // Throws a Failure if there can be no such file.
  explicit OutputFile(std::string path);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  [[nodiscard]] const std::string& path() const noexcept { return path_; }

  // A stream into the file, which the caller closes before Commit().
  [[nodiscard]] FILE* OpenStream() const;
  void Write(std::string_view text) const;

  void Commit();

 private:
  void OpenTemporary(mode_t mode);
  // A file that can't be made is a wrong argument; one that can't be finished is not.
  [[noreturn]] void Fail(ExitStatus status, int error) const;

  std::string path_;       // as the user calls it
  std::string target_;     // where a symbolic link leads
  std::string temporary_;  // empty: there is none, or none any more
  int descriptor_ = -1;
};

}  // namespace program

#endif  // CAPI_PROGRAM_OUTPUT_FILE_H_
