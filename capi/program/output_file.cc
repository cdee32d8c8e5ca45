#include "output_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

namespace program {

namespace {

mode_t ModeOfNewFiles() noexcept {
  const mode_t mask = umask(0);
  umask(mask);
  return 0666 & ~mask;
}

}  // namespace

OutputFile::OutputFile(std::string path) : path_(std::move(path)), target_(path_) {
  struct stat there {};
  if (stat(path_.c_str(), &there) != 0) {
    if (errno != ENOENT || path_.empty()) Fail(kExitBadArguments, errno);
    OpenTemporary(ModeOfNewFiles());
  } else if (S_ISREG(there.st_mode)) {
    std::error_code error;
    target_ = std::filesystem::canonical(path_, error).string();
    if (error) Fail(kExitBadArguments, error.value());
    OpenTemporary(there.st_mode & 0777);
  } else {
    descriptor_ = open(path_.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY);
    if (descriptor_ < 0) Fail(kExitBadArguments, errno);
  }
}

OutputFile::~OutputFile() {
  if (descriptor_ >= 0) close(descriptor_);
  if (!temporary_.empty()) unlink(temporary_.c_str());
}

void OutputFile::OpenTemporary(mode_t mode) {
  const std::filesystem::path name(target_);
  if (!name.has_filename()) Fail(kExitBadArguments, EISDIR);
  std::string pattern = (name.parent_path() / ".netstack-XXXXXX").string();
  descriptor_ = mkostemp(pattern.data(), O_CLOEXEC);
  if (descriptor_ < 0) Fail(kExitBadArguments, errno);
  temporary_ = pattern;
  // Some file systems know no modes.
  static_cast<void>(fchmod(descriptor_, mode));
}

void OutputFile::Fail(ExitStatus status, int error) const {
  throw Failure(status, fmt::format("\"{}\": can't be written: {}", path_, std::strerror(error)));
}

FILE* OutputFile::OpenStream() const {
  const int copy = fcntl(descriptor_, F_DUPFD_CLOEXEC, 0);
  if (copy < 0) Fail(kExitFailed, errno);
  FILE* const stream = fdopen(copy, "wb");
  if (stream == nullptr) {
    const int error = errno;
    close(copy);
    Fail(kExitFailed, error);
  }
  return stream;
}

void OutputFile::Write(std::string_view text) const {
  while (!text.empty()) {
    const ssize_t written = write(descriptor_, text.data(), text.size());
    if (written < 0 && errno != EINTR) Fail(kExitFailed, errno);
    if (written > 0) text.remove_prefix(static_cast<size_t>(written));
  }
}

void OutputFile::Commit() {
  // Some file systems say only now that the disk is full.
  if (close(std::exchange(descriptor_, -1)) != 0) Fail(kExitFailed, errno);
  if (temporary_.empty()) return;
  if (rename(temporary_.c_str(), target_.c_str()) != 0) Fail(kExitFailed, errno);
  temporary_.clear();
}

}  // namespace program
