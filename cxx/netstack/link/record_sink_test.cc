#include "netstack/link/record_sink.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "netstack/base/entry.h"
#include "netstack/base/thread_record.h"
#include "netstack/base/user_call.h"
#include "netstack/testing/hex.h"

namespace netstack::link {
namespace {

using base::Status;
using testing::Bytes;

Bytes FileContents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return Bytes(std::istreambuf_iterator<char>(file), {});
}

class FileSinkTest : public ::testing::Test {
 protected:
  FileSinkTest() {
    char name[] = "/tmp/netstack_sink_XXXXXX";
    folder_ = mkdtemp(name);
    path_ = folder_ + "/file";
  }
  ~FileSinkTest() override {
    unlink(path_.c_str());
    rmdir(folder_.c_str());
  }
  base::Error Open() { return FileSink::Open(path_.c_str(), &sink_); }

  std::string folder_;
  std::string path_;
  std::unique_ptr<RecordSink> sink_;
};

TEST_F(FileSinkTest, RecordsAreInTheFileAtOnce) {
  ASSERT_TRUE(Open().ok());
  EXPECT_TRUE(sink_->Write(Bytes{1, 2}));
  EXPECT_EQ(FileContents(path_), (Bytes{1, 2}));
  EXPECT_TRUE(sink_->Write(Bytes{3}));
  EXPECT_EQ(FileContents(path_), (Bytes{1, 2, 3}));
}

TEST_F(FileSinkTest, WhatTheFileHeldIsLost) {
  std::ofstream(path_) << "something old and long";
  ASSERT_TRUE(Open().ok());
  EXPECT_TRUE(sink_->Write(Bytes{1}));
  EXPECT_EQ(FileContents(path_), (Bytes{1}));
}

TEST_F(FileSinkTest, FileIsNobodyElsesToWrite) {
  const mode_t before = umask(0);
  ASSERT_TRUE(Open().ok());
  umask(before);
  struct stat info {};
  ASSERT_EQ(stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777u, 0644u);
}

// In a child, which alone has the limit of size.
TEST_F(FileSinkTest, HalfWrittenRecordIsCutOffAndTheNextOneFits) {
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    signal(SIGXFSZ, SIG_IGN);
    EXPECT_TRUE(Open().ok());
    EXPECT_TRUE(sink_->Write(Bytes(10, 1)));
    const rlimit limit{15, RLIM_INFINITY};
    EXPECT_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
    EXPECT_FALSE(sink_->Write(Bytes(10, 2)));
    EXPECT_EQ(FileContents(path_), Bytes(10, 1));
    EXPECT_TRUE(sink_->Write(Bytes(5, 3)));
    EXPECT_FALSE(sink_->Write(Bytes(1, 4)));
    std::fflush(nullptr);
    _exit(HasFailure() ? EXIT_FAILURE : EXIT_SUCCESS);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  Bytes expected(10, 1);
  expected.insert(expected.end(), 5, 3);
  EXPECT_EQ(FileContents(path_), expected);
}

TEST_F(FileSinkTest, DeviceWithoutRoomRefusesRecords) {
  ASSERT_TRUE(FileSink::Open("/dev/full", &sink_).ok());
  EXPECT_FALSE(sink_->Write(Bytes{1}));
}

TEST_F(FileSinkTest, PipeThatNobodyReadsIsNotFoundAndDoesNotHoldUs) {
  ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
  const base::Error error = Open();
  EXPECT_EQ(error.status(), Status::kNotFound);
  EXPECT_NE(error.message().find("reads the pipe"), std::string::npos) << error.message();
}

TEST_F(FileSinkTest, PipeWhoseReaderLeftRefusesRecordsWithoutASignal) {
  ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
  Descriptor reader(open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  ASSERT_TRUE(Open().ok());
  EXPECT_TRUE(sink_->Write(Bytes{1, 2}));
  char got[8];
  EXPECT_EQ(read(reader.get(), got, sizeof got), 2);
  reader = Descriptor();
  EXPECT_FALSE(sink_->Write(Bytes{3}));
  EXPECT_FALSE(sink_->Write(Bytes{4}));
  sigset_t pending;
  ASSERT_EQ(sigpending(&pending), 0);
  EXPECT_EQ(sigismember(&pending, SIGPIPE), 0);
  sigset_t blocked;
  ASSERT_EQ(pthread_sigmask(SIG_BLOCK, nullptr, &blocked), 0);
  EXPECT_EQ(sigismember(&blocked, SIGPIPE), 0);
}

TEST_F(FileSinkTest, ErrorsNameThePath) {
  const struct {
    std::string path;
    Status status;
  } cases[] = {
      {"", Status::kInvalidArgument},
      {folder_ + "/none/file", Status::kNotFound},
      {"/dev/null/file", Status::kNotFound},
      {folder_, Status::kUnsupported},
      {folder_ + "/" + std::string(300, 'x'), Status::kInvalidArgument},
  };
  for (const auto& c : cases) {
    const base::Error error = FileSink::Open(c.path.c_str(), &sink_);
    EXPECT_EQ(error.status(), c.status) << error.message();
    EXPECT_NE(error.message().find(c.path), std::string::npos) << error.message();
    EXPECT_EQ(error.message().substr(0, 5), "path ") << error.message();
    EXPECT_EQ(sink_, nullptr);
  }
}

TEST(FunctionSinkTest, FunctionIsACallback) {
  struct State {
    bool inside = false;
    Bytes got;
    int destroyed = 0;
  } state;
  {
    const base::Entry entry;
    FunctionSink sink(
        [](void* data, const uint8_t* bytes, size_t length) {
          auto* const s = static_cast<State*>(data);
          s->inside = base::ThreadRecord::Current()->InsideCallback();
          s->got.assign(bytes, bytes + length);
        },
        {&state, [](void* data) { ++static_cast<State*>(data)->destroyed; }});
    EXPECT_TRUE(sink.Write(Bytes{1, 2, 3}));
    EXPECT_TRUE(state.inside);
    EXPECT_EQ(state.got, (Bytes{1, 2, 3}));
    EXPECT_FALSE(entry.thread().InsideCallback());

    std::vector<std::unique_ptr<base::UserCall>> calls;
    while (calls.size() < base::kMaxFrames) {
      calls.push_back(std::make_unique<base::UserCall>(entry.thread()));
    }
    EXPECT_FALSE(sink.Write(Bytes{4})) << "too many calls inside each other";
    while (!calls.empty()) calls.pop_back();
    EXPECT_EQ(state.got, (Bytes{1, 2, 3}));
    EXPECT_EQ(state.destroyed, 0);
  }
  EXPECT_EQ(state.destroyed, 1);
}

}  // namespace
}  // namespace netstack::link
