// Runs files of vectors through the C++ header. ../README.md says what the files are and what is
// printed.
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "file.h"
#include "scene.h"

namespace {

// What differs. Configuration that the library refuses is not understood.
std::string Difference(const vectors::File& file, const vectors::Vector& vector) try {
  return vectors::Scene(vector).Run();
} catch (const std::exception& error) {
  throw vectors::NotUnderstood(file.path + ": " + vector.name + ": " + error.what());
}

// Whether the vector held.
bool Run(const vectors::File& file, const vectors::Vector& vector) {
  const std::string& group = file.group;
  const std::string difference = Difference(file, vector);
  if (difference.empty()) {
    std::printf("ok %s: %s\n", group.c_str(), vector.name.c_str());
  } else {
    std::printf("FAILED %s: %s: %s\n", group.c_str(), vector.name.c_str(), difference.c_str());
  }
  return difference.empty();
}

}  // namespace

int main(int count, char** arguments) try {
  std::vector<vectors::File> files;
  for (int i = 1; i < count; ++i) files.push_back(vectors::ReadFile(arguments[i]));
  if (files.empty()) throw vectors::NotUnderstood("no files");
  bool held = true;
  for (const vectors::File& file : files) {
    for (const vectors::Vector& vector : file.vectors) held = Run(file, vector) && held;
  }
  return held ? 0 : 1;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 2;
}
