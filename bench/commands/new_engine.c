/* SPDX-License-Identifier: BSD-3-Clause */
/* lite4rec new-engine: a folder that an engine of one's own begins as. */
#include "bench/commands/commands.h"
#include "bench/templates/templates.h"
#include "impl/base/error.h"

#include <stdio.h>

static int kind_word(int i, struct l4r_kind_word *word) {
  *word = (struct l4r_kind_word){i < L4R_TEMPLATES ? l4r_template_names[i] : NULL,
                                 i < L4R_TEMPLATES ? l4r_template_about[i] : NULL};
  return i < L4R_TEMPLATES;
}

static const struct l4r_argument arguments[] = {{0}};

const struct l4r_usage l4r_usage_new_engine = {
    .command = "new-engine",
    .positional = "FOLDER",
    .kinds = kind_word,
    .summary =
        "Writes a folder with a whole engine that ranks by popularity, to put your own in its "
        "place: the source, how to build it, and README.md with the commands that measure it.",
    .examples = "  lite4rec new-engine python my-engine\n"
                "  lite4rec eval --arm peer:my-engine/engine.py --data data/ml-1m\n",
    .arguments = arguments};

int l4r_command_new_engine(int argc, char **argv) {
  struct l4r_parsed parsed;
  int status = l4r_arguments_parse(&l4r_usage_new_engine, argc, argv, NULL, &parsed);
  if (status || parsed.helped) return status;
  if (parsed.kind < 0)
    return l4r_fail(L4R_USAGE, "new-engine wants python, c or so first, and then a folder");
  if (parsed.words.count != 2)
    return l4r_fail(L4R_USAGE, "new-engine %s wants one folder, not %d", parsed.words.value[0],
                    parsed.words.count - 1);
  const char *folder = parsed.words.value[1];
  status = l4r_template_write((enum l4r_template)parsed.kind, folder);
  if (!status) printf("%s is written; %s/README.md has the next commands\n", folder, folder);
  return status;
}
