// The veneer reaches all of the C ABI.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>

#ifndef NETSTACK_MAP
#error "NETSTACK_MAP is the path of the library's version script"
#endif

namespace {

std::string ReadText(const std::filesystem::path& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

std::set<std::string> NamesIn(const std::string& text) {
  static const std::regex kName("\\bns_[a-z0-9_]+");
  std::set<std::string> names;
  for (std::sregex_iterator i(text.begin(), text.end(), kName), end; i != end; ++i) {
    names.insert(i->str());
  }
  return names;
}

std::string WithoutComments(const std::string& text) {
  static const std::regex kComment("//[^\n]*|/\\*[^*]*\\*+([^/*][^*]*\\*+)*/");
  return std::regex_replace(text, kComment, "");
}

TEST(VeneerList, NamesEveryFunctionOfTheAbi) {
  const std::filesystem::path map = NETSTACK_MAP;
  std::set<std::string> named;
  for (const auto& file :
       std::filesystem::directory_iterator(map.parent_path() / "include/netstack/hpp")) {
    if (file.path().extension() == ".hpp") {
      named.merge(NamesIn(WithoutComments(ReadText(file.path()))));
    }
  }
  const std::set<std::string> exported = NamesIn(ReadText(map));
  EXPECT_GT(exported.size(), 90u);
  for (const std::string& name : exported) {
    EXPECT_TRUE(named.count(name) == 1) << name << " is not reachable from C++";
  }
}

}  // namespace
