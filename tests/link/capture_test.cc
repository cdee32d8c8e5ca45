// The C ABI of captures.
#include <gtest/gtest.h>
#include <netstack/capture.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace {

using Bytes = std::vector<uint8_t>;

// Raw IP, microseconds, in the byte order of most machines.
const Bytes kHeader = {0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0,   0, 0, 0,
                       0,    0,    0,    0,    0, 0, 4, 0, 101, 0, 0, 0};

struct Taken {
  std::vector<Bytes> pieces;
  int destroyed = 0;
  static void Write(void* self, const uint8_t* bytes, size_t length) {
    static_cast<Taken*>(self)->pieces.emplace_back(bytes, bytes + length);
  }
  static void Destroy(void* self) { ++static_cast<Taken*>(self)->destroyed; }
};

template <typename Call>
void ExpectRefused(ns_status expected, const char* word, Call call) {
  int stranger = 0;
  ns_error* error = reinterpret_cast<ns_error*>(&stranger);
  EXPECT_EQ(call(&error), expected);
  EXPECT_EQ(ns_error_status(error), expected);
  EXPECT_NE(std::string(ns_error_message(error)).find(word), std::string::npos)
      << ns_error_message(error);
  ns_error_free(error);
}

TEST(CaptureApiTest, FileBeginsWithItsHeader) {
  char path[] = "/tmp/netstack_capture_XXXXXX";
  const int made = mkstemp(path);
  ASSERT_GE(made, 0);
  ns_capture* capture = nullptr;
  ns_error* error = nullptr;
  ASSERT_EQ(ns_capture_file_new(path, &capture, &error), NS_OK) << ns_error_message(error);
  EXPECT_EQ(error, nullptr);
  EXPECT_EQ(ns_capture_get_lost(capture), 0u);
  std::ifstream file(path, std::ios::binary);
  EXPECT_EQ(Bytes(std::istreambuf_iterator<char>(file), {}), kHeader);
  ns_capture_free(capture);
  close(made);
  unlink(path);
}

TEST(CaptureApiTest, FunctionGetsTheHeaderAtOnceAndUserDataEndsWithTheCapture) {
  Taken taken;
  ns_capture* capture = nullptr;
  ASSERT_EQ(ns_capture_callback_new(&Taken::Write, &taken, &Taken::Destroy, &capture, nullptr),
            NS_OK);
  EXPECT_EQ(taken.pieces, std::vector<Bytes>{kHeader});
  EXPECT_EQ(taken.destroyed, 0);
  ns_capture_free(capture);
  EXPECT_EQ(taken.destroyed, 1);
}

TEST(CaptureApiTest, RefusesWhatMakesNoSense) {
  const struct {
    const char* path;
    ns_status status;
    const char* word;
  } cases[] = {
      {nullptr, NS_ERR_INVALID_ARGUMENT, "path"},
      {"", NS_ERR_INVALID_ARGUMENT, "path"},
      {"/nowhere/at/all", NS_ERR_NOT_FOUND, "/nowhere/at/all"},
      {"/", NS_ERR_UNSUPPORTED, "path"},
      {"/dev/full", NS_ERR_UNSUPPORTED, "/dev/full"},
  };
  for (const auto& c : cases) {
    int stranger = 0;
    auto* capture = reinterpret_cast<ns_capture*>(&stranger);
    ExpectRefused(c.status, c.word,
                  [&](ns_error** error) { return ns_capture_file_new(c.path, &capture, error); });
    EXPECT_EQ(capture, nullptr);
  }
  ExpectRefused(NS_ERR_INVALID_ARGUMENT, "out_capture",
                [](ns_error** error) { return ns_capture_file_new("/dev/null", nullptr, error); });
  EXPECT_EQ(ns_capture_file_new(nullptr, nullptr, nullptr), NS_ERR_INVALID_ARGUMENT);
}

TEST(CaptureApiTest, UserDataIsDestroyedOnceAlsoOnFailure) {
  Taken taken;
  ns_capture* capture = nullptr;
  ExpectRefused(NS_ERR_INVALID_ARGUMENT, "write", [&](ns_error** error) {
    return ns_capture_callback_new(nullptr, &taken, &Taken::Destroy, &capture, error);
  });
  EXPECT_EQ(taken.destroyed, 1);
  ExpectRefused(NS_ERR_INVALID_ARGUMENT, "out_capture", [&](ns_error** error) {
    return ns_capture_callback_new(&Taken::Write, &taken, &Taken::Destroy, nullptr, error);
  });
  EXPECT_EQ(taken.destroyed, 2);
  EXPECT_EQ(taken.pieces, std::vector<Bytes>());
}

TEST(CaptureApiTest, FunctionsBearNull) {
  EXPECT_EQ(ns_capture_get_lost(nullptr), 0u);
  ns_capture_free(nullptr);
}

}  // namespace
