/* SPDX-License-Identifier: BSD-3-Clause */
/* The Croissant descriptor of a data set: by its structure, and by MLCommons' own library where a
 * Python has it, which also reads the lines that the descriptor describes. */
#include "tests/support/command.h"
#include "tests/support/files.h"
#include "tests/support/runs.h"
#include "tests/support/shell.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdlib.h>

static const char *said;

#define EXPECT(code, part, ...)                                                                    \
  do {                                                                                             \
    const int got = test_shell(&said, __VA_ARGS__);                                                \
    cr_assert_eq(got, code, "%d: %s", got, said);                                                  \
    cr_assert_not_null(strstr(said, part), "'%s' is not in: %s", part, said);                      \
  } while (0)

static const char *text_at(const json_t *object, const char *key) {
  const char *text = json_string_value(json_object_get(object, key));
  cr_assert_not_null(text, "no text '%s'", key);
  return text;
}

static void descriptor(void) {
  EXPECT(0, "", "%s export croissant %s --out %s/croissant.json 2>&1", test_program(),
         test_small_data(), test_path("data"));
}

Test(croissant, files_with_their_checksums_and_what_lines_mean) {
  descriptor();
  json_t *root = json_loads(test_read("data/croissant.json"), 0, NULL), *file, *set, *field;
  size_t index, f;
  cr_assert_str_eq(text_at(root, "conformsTo"), "http://mlcommons.org/croissant/1.1");
  cr_assert_str_eq(text_at(root, "@type"), "sc:Dataset");
  cr_assert_str_eq(text_at(root, "name"), "small");
  cr_assert_not_null(strstr(text_at(root, "description"), "400 users with 80 items"));
  cr_assert(json_is_object(json_object_get(root, "@context")));
  const json_t *distribution = json_object_get(root, "distribution");
  cr_assert_eq(json_array_size(distribution), 4);
  json_array_foreach((json_t *)distribution, index, file) {
    cr_assert_str_eq(text_at(file, "@type"), "cr:FileObject");
    EXPECT(0, ": OK", "cd %s && echo '%s  %s' | sha256sum -c - 2>&1", test_path("data"),
           text_at(file, "sha256"), text_at(file, "contentUrl"));
    EXPECT(0, "", "test \"$(stat -c '%%s B' %s/%s)\" = '%s'", test_path("data"),
           text_at(file, "contentUrl"), text_at(file, "contentSize"));
  }
  const json_t *sets = json_object_get(root, "recordSet");
  cr_assert_eq(json_array_size(sets), 4);
  json_array_foreach((json_t *)sets, index, set) {
    cr_assert_str_eq(text_at(set, "@type"), "cr:RecordSet");
    json_array_foreach(json_object_get(set, "field"), f, field) {
      const json_t *source = json_object_get(field, "source");
      const char *of = text_at(json_object_get(source, "fileObject"), "@id");
      cr_assert(strlen(text_at(field, "dataType")));
      size_t other = 0;
      while (other < 4 && strcmp(text_at(json_array_get(distribution, other), "@id"), of)) other++;
      cr_assert_lt(other, 4, "'%s' is no file of the data set", of);
    }
  }
  cr_assert_null(json_object_get(root, "data"), "no data");
  json_decref(root);
}

Test(croissant, mlcommons_own_library_reads_the_data_by_it, .timeout = 240) {
  const char *python = test_python_with("mlcroissant");
  descriptor();
  EXPECT(0, "valid", "%s tests/oracle/croissant.py %s 2>&1", python, test_path("data"));
}

Test(croissant, an_edited_file_is_refused_by_name) {
  const char *data = test_small_data();
  EXPECT(0, "", "printf '9 9\\n' >>%s/test.txt", data);
  EXPECT(3, "test.txt was edited", "%s export croissant %s --out %s/c.json 2>&1", test_program(),
         data, data);
  EXPECT(1, "", "test -e %s/c.json", data);
  EXPECT(2, "wants one data set folder, not 0", "%s export croissant 2>&1", test_program());
  EXPECT(3, "dataset.json", "%s export croissant %s/none 2>&1", test_program(), data);
}
