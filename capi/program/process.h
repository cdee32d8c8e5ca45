// A program that runs beside us, and what it says.
#ifndef CAPI_PROGRAM_PROCESS_H_
#define CAPI_PROGRAM_PROCESS_H_

#include <netstack/stack.h>
#include <sys/types.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace program {

class Process {
 public:
  // Starts a program, looked for in PATH, without input; its output and errors
  // are one text. Throws a Failure if that is not possible.
  explicit Process(const std::vector<std::string>& arguments);
  // Kills it if it still runs.
  ~Process();
  Process(Process&& other) noexcept;
  Process& operator=(Process&&) = delete;

  // Readable when it has said something or has ended; -1 when it has ended.
  [[nodiscard]] int descriptor() const noexcept { return output_; }
  // Takes what it has said.
  void Read();

  // All it said.
  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  // It ended by itself, with exit status 0.
  [[nodiscard]] bool succeeded() const noexcept { return succeeded_; }

 private:
  void End(bool kill_it) noexcept;

  pid_t id_ = -1;
  int output_ = -1;
  std::string text_;
  bool succeeded_ = false;
};

// Runs `stack` until all of `processes` have ended, or `deadline_ns`.
void WaitForAll(ns_stack* stack, std::span<Process> processes, uint64_t deadline_ns);

}  // namespace program

#endif  // CAPI_PROGRAM_PROCESS_H_
