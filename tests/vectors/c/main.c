/* Runs files of vectors through the C ABI. ../README.md says what the files are and what is
 * printed. */
#include <stdio.h>
#include <stdlib.h>

#include "vectors.h"

int main(int count, char** arguments) {
  int status = 0;
  if (count < 2) refuse("vectors", "no files");
  struct file* files = calloc((size_t)count - 1, sizeof *files);
  if (files == NULL) refuse("vectors", "no memory");
  for (int i = 1; i < count; ++i) read_file(arguments[i], &files[i - 1]);
  for (int i = 1; i < count; ++i) {
    struct file* file = &files[i - 1];
    for (size_t k = 0; k < file->count; ++k) {
      char* difference = run_vector(&file->vectors[k]);
      if (difference == NULL) {
        printf("ok %s: %s\n", file->group, file->vectors[k].name);
      } else {
        printf("FAILED %s: %s: %s\n", file->group, file->vectors[k].name, difference);
        status = 1;
      }
      free(difference);
    }
    free_file(file);
  }
  free(files);
  return status;
}
