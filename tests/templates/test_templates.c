/* SPDX-License-Identifier: BSD-3-Clause */
/* lite4rec new-engine; tests/people builds and measures what it writes. */
#include "bench/commands/commands.h"
#include "tests/support/command.h"
#include "tests/support/files.h"

#include <sys/stat.h>
#include <unistd.h>

#define run(...) test_run(l4r_command_new_engine, "new-engine", __VA_ARGS__)

static void holds(const char *file, const char *part) {
  cr_assert_not_null(strstr(test_read(file), part), "%s has no '%s'", file, part);
}

Test(new_engine, a_folder_is_whole) {
  struct stat about;
  OK(run("python", test_path("p"), NULL));
  holds("p/engine.py", "\"protocol\": 1");
  holds("p/README.md", "peer:./engine.py");
  cr_assert_eq(stat(test_path("p/engine.py"), &about), 0);
  cr_expect(about.st_mode & S_IXUSR);
  OK(run("c", test_path("c"), NULL));
  holds("c/engine.c", "static void rank(");
  holds("c/Makefile", "pkg-config");
  OK(run("so", test_path("s"), NULL));
  holds("s/engine.c", "l4r_plugin_engine");
  holds("s/include/lite4rec/engine.h", "#include \"lite4rec/base/error.h\"");
  holds("s/include/lite4rec/base/error.h", "L4R_NOISY");
  cr_expect_null(strstr(test_read("s/include/lite4rec/engine.h"), "#include \"impl/"));
}

Test(new_engine, what_is_there_is_not_replaced) {
  OK(run("python", test_path("p"), NULL));
  test_file("p/engine.py", "mine");
  FAILS(run("python", test_path("p"), NULL), L4R_USAGE, "holds files; name a new folder");
  cr_expect_str_eq(test_read("p/engine.py"), "mine");
  FAILS(run("rust", test_path("r"), NULL), L4R_USAGE, "python, c or so first");
  FAILS(run("so", NULL), L4R_USAGE, "wants one folder");
  FAILS(run("c", "/proc/nowhere", NULL), L4R_ENVIRONMENT, "/proc");
}
