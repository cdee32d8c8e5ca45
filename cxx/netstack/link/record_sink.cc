#include "netstack/link/record_sink.h"

#include <utility>

#include "netstack/base/thread_record.h"
#include "netstack/base/user_call.h"

#if defined(NETSTACK_HAS_DESCRIPTORS)
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>

#include <cerrno>
#include <csignal>
#include <string>

#include "netstack/link/system_text.h"
#endif

namespace netstack::link {

FunctionSink::FunctionSink(WriteFunction write, base::UserData user_data) noexcept
    : write_(write), user_data_(std::move(user_data)) {}

bool FunctionSink::Write(std::span<const uint8_t> record) noexcept {
  base::ThreadRecord* const thread = base::ThreadRecord::Current();
  if (thread == nullptr) return false;
  const base::UserCall call(*thread);
  if (!call) return false;
  write_(user_data_.get(), record.data(), record.size());
  return true;
}

#if defined(NETSTACK_HAS_DESCRIPTORS)

namespace {

// Writing to a pipe that nobody reads any more would end the process.
class WithoutPipeSignal {
 public:
  explicit WithoutPipeSignal(bool needed) noexcept : active_(needed && !Pending()) {
    if (active_) pthread_sigmask(SIG_BLOCK, &Only(), &before_);
  }
  WithoutPipeSignal(const WithoutPipeSignal&) = delete;
  WithoutPipeSignal& operator=(const WithoutPipeSignal&) = delete;
  ~WithoutPipeSignal() {
    if (!active_) return;
    int signal = 0;
    if (Pending()) sigwait(&Only(), &signal);
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

 private:
  static const sigset_t& Only() noexcept {
    static const sigset_t only = [] {
      sigset_t set;
      sigemptyset(&set);
      sigaddset(&set, SIGPIPE);
      return set;
    }();
    return only;
  }
  static bool Pending() noexcept {
    sigset_t pending;
    return sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1;
  }

  const bool active_;
  sigset_t before_{};
};

base::Error OpenFailed(const char* path, int error) {
  const std::string sentence =
      std::string("path \"") + path + "\" can't be opened: " + SystemText(error);
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return {base::Status::kNotFound, sentence + "; make the folder first"};
    case ENXIO:
      return {base::Status::kNotFound, sentence + "; start the program that reads the pipe first"};
    case ENAMETOOLONG:
    case EINVAL:
      return base::Invalid(sentence + "; use another name");
    case EMFILE:
    case ENFILE:
    case ENOMEM:
      return {base::Status::kNoMemory, sentence + "; free some memory or descriptors"};
    default:
      return {base::Status::kUnsupported, sentence + "; choose a file that you may write"};
  }
}

}  // namespace

base::Error FileSink::Open(const char* path, std::unique_ptr<RecordSink>* out) {
  if (*path == 0) return base::Invalid("path is empty; name a file");
  // Non-blocking while it is opened: a pipe without a reader would hold us up.
  constexpr int kFlags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  Descriptor file(open(path, kFlags, 0644));
  struct stat info {};
  if (!file.open() || fstat(file.get(), &info) != 0 ||
      fcntl(file.get(), F_SETFL, fcntl(file.get(), F_GETFL) & ~O_NONBLOCK) != 0) {
    return OpenFailed(path, errno);
  }
  out->reset(new FileSink(std::move(file), S_ISFIFO(info.st_mode)));
  return {};
}

FileSink::FileSink(Descriptor file, bool is_pipe) noexcept
    : file_(std::move(file)), is_pipe_(is_pipe) {}

bool FileSink::Write(std::span<const uint8_t> record) noexcept {
  if (broken_) return false;
  const WithoutPipeSignal guard(is_pipe_);
  size_t done = 0;
  while (done < record.size()) {
    const ssize_t written = write(file_.get(), record.data() + done, record.size() - done);
    if (written > 0) {
      done += static_cast<size_t>(written);
    } else if (written == 0 || errno != EINTR) {
      if (done != 0) CutOff();
      return false;
    }
  }
  whole_size_ += record.size();
  return true;
}

void FileSink::CutOff() noexcept {
  const auto size = static_cast<off_t>(whole_size_);
  broken_ = ftruncate(file_.get(), size) != 0 || lseek(file_.get(), size, SEEK_SET) != size;
}

#else

base::Error FileSink::Open(const char*, std::unique_ptr<RecordSink>*) {
  return {base::Status::kUnsupported, "captures to files need POSIX; use a function"};
}

#endif  // NETSTACK_HAS_DESCRIPTORS

}  // namespace netstack::link
