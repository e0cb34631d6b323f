/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/cli/walk.h"

#include "impl/base/error.h"

#include <stdio.h>

static const struct l4r_command *commands;

void l4r_commands_tell(const struct l4r_command *told) {
  commands = told;
}

const struct l4r_command *l4r_commands(void) {
  return commands;
}

struct walk {
  l4r_command_visitor *visit;
  void *context;
  char name[64];
  const char *about;
  int status;
};

static void ask(struct walk *walk, const struct l4r_command *command) {
  char name[32], help[] = "--help", *argv[] = {name, help, NULL};
  snprintf(name, sizeof name, "%s", command->name);
  walk->about = command->about;
  if (command->run(2, argv) && !walk->status)
    walk->status = l4r_fail_context(L4R_CHECK, "%s --help", walk->name);
}

static void take_usage(void *context, const struct l4r_usage *usage) {
  struct walk *walk = context;
  walk->visit(walk->context, walk->name, walk->about, usage);
}

static void take_actions(void *context, const char *command, const struct l4r_command *actions) {
  struct walk *walk = context;
  for (; actions->name; actions++) {
    snprintf(walk->name, sizeof walk->name, "%s %s", command, actions->name);
    ask(walk, actions);
  }
}

int l4r_commands_walk(l4r_command_visitor *visit, void *context) {
  struct walk walk = {.visit = visit, .context = context};
  const struct l4r_help_reader reader = {&walk, take_usage, take_actions};
  l4r_help_read(&reader);
  for (const struct l4r_command *c = commands; c && c->name; c++) {
    if (!c->about) continue;
    snprintf(walk.name, sizeof walk.name, "%s", c->name);
    ask(&walk, c);
  }
  l4r_help_read(NULL);
  return walk.status;
}
