#include "process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "failure.h"
#include "stack_loop.h"

namespace program {

namespace {

[[noreturn]] void FailWith(const std::string& what, int error) {
  throw Failure(kExitFailed, what + ": " + std::strerror(error));
}

// 0, or an errno.
int Spawn(const std::vector<std::string>& arguments, int output, pid_t* id) {
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  // The system's interface takes no const; it does not write.
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
  const int error = posix_spawnp(id, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

}  // namespace

Process::Process(const std::vector<std::string>& arguments) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) FailWith("pipe", errno);
  // The other side expects to wait.
  fcntl(ends[1], F_SETFL, 0);
  const int error = Spawn(arguments, ends[1], &id_);
  close(ends[1]);
  if (error != 0) {
    close(ends[0]);
    FailWith(arguments[0] + " can't be started", error);
  }
  output_ = ends[0];
}

Process::~Process() { End(true); }

Process::Process(Process&& other) noexcept
    : id_(std::exchange(other.id_, -1)),
      output_(std::exchange(other.output_, -1)),
      text_(std::move(other.text_)),
      succeeded_(other.succeeded_) {}

void Process::Read() {
  std::array<char, 4096> buffer{};
  while (output_ >= 0) {
    const ssize_t got = read(output_, buffer.data(), buffer.size());
    if (got > 0) {
      text_.append(buffer.data(), static_cast<size_t>(got));
    } else if (got < 0 && errno == EINTR) {
      continue;
    } else if (got < 0 && errno == EAGAIN) {
      return;
    } else {
      End(false);
    }
  }
}

void Process::End(bool kill_it) noexcept {
  if (output_ >= 0) close(output_);
  output_ = -1;
  if (id_ < 0) return;
  if (kill_it) kill(id_, SIGKILL);
  int status = 0;
  pid_t ended = 0;
  do {
    ended = waitpid(id_, &status, 0);
  } while (ended < 0 && errno == EINTR);
  succeeded_ = ended == id_ && WIFEXITED(status) && WEXITSTATUS(status) == 0;
  id_ = -1;
}

void WaitForAll(ns_stack* stack, std::span<Process> processes, uint64_t deadline_ns) {
  std::vector<pollfd> descriptors(1 + processes.size());
  for (;;) {
    bool running = false;
    for (size_t i = 0; i < processes.size(); ++i) {
      descriptors[i + 1] = {processes[i].descriptor(), POLLIN, 0};
      running = running || processes[i].descriptor() >= 0;
    }
    if (!running || Now() >= deadline_ns) return;
    Step(stack, descriptors, deadline_ns);
    for (Process& process : processes) process.Read();
  }
}

}  // namespace program
