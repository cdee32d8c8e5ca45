// One live object of each kind, and arguments for any function made of them.
#ifndef TESTS_ABI_FFI_WORLD_H_
#define TESTS_ABI_FFI_WORLD_H_

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "abi/ffi/call.h"
#include "abi/ffi/record.h"

namespace foreign {

// What a call is made with. Rounds differ in them, so that each function finds what it can do
// something with.
struct Round {
  std::string text;   // every text, and what addresses and prefixes are read from
  uint32_t number;    // every number that does not count bytes or entries
  bool link_is_free;  // whether the live link is one that no NIC has
  bool only_handles;  // all that is no live handle is 0
};

class World {
 public:
  World();
  ~World() { Free(); }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // Calls a function with live handles: inside a handler, if it takes a request. Gives back what it
  // made.
  Word CallLive(const std::string& function, const Round& round);

  // Gives all handles back.
  void Free();

  // How often a destroy was called, and how often it must have been when all is free.
  int destroyed() const { return destroyed_; }
  int expected() const { return expected_; }

 private:
  void MakeStack();
  void MakeSocketsAndPacket();
  void Deliver(Word link, const std::function<void(Word request)>& handler);
  Word CallWith(const std::string& function, const Round& round, Word request);
  Word Argument(const Parameter& parameter, const Round& round, Word request);
  Word PointerArgument(const Parameter& parameter, const Round& round);
  Word RecordArgument(const std::string& type, const Round& round, bool is_read);
  Word CallbackArgument(const std::string& type);
  void Fill(Record& record, const Round& round);
  unsigned char* Bytes(size_t count);
  void TakeBack(const std::string& function, const Round& round);
  Word& Live(const std::string& type, const Round& round);

  std::map<std::string, Word> handles_;
  Word free_link_ = 0;
  std::function<void(Word request)> on_request_;
  std::unique_ptr<Closure> handler_;

  // What belongs to the call under way; what the library may call later lives as long as the world.
  std::vector<std::unique_ptr<unsigned char[]>> bytes_;
  std::deque<Record> records_;
  std::vector<std::unique_ptr<Closure>> closures_;
  std::vector<std::pair<std::string, Word*>> made_;
  int ends_[2] = {-1, -1};
  int destroyed_ = 0;
  int expected_ = 0;
};

}  // namespace foreign

#endif  // TESTS_ABI_FFI_WORLD_H_
