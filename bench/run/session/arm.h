/* SPDX-License-Identifier: BSD-3-Clause */
/* An arm is what a run measures: ENGINE@MODEL[:key=value,...]. */
#ifndef L4R_BENCH_RUN_SESSION_ARM_H
#define L4R_BENCH_RUN_SESSION_ARM_H

#include "impl/base/file.h"
#include "impl/engine.h"
#include "impl/model/config.h"

#include <jansson.h>

enum { L4R_ARM_OPTIONS = 16, L4R_ARM_TEXT = 1024 };

struct l4r_arm {            /* options point into `storage`: do not copy the struct */
  char text[L4R_ARM_TEXT];  /* as given */
  char label[L4R_ARM_TEXT]; /* the same with the model's base name: what tables and records show */
  char name[64]; /* of the engine; of "peer:PATH" and "so:PATH" with the path's last part, the path
                    being a peer's option `program`, and `file` of the other */
  char model[L4R_PATH_MAX];   /* folder */
  char storage[L4R_ARM_TEXT]; /* private */
  struct l4r_option option[L4R_ARM_OPTIONS];
  int options;
  const struct l4r_engine *engine; /* set by l4r_arm_resolve or, of a file, by l4r_arm_load */
  const char *file;                /* shared object; NULL: an engine of the table */
  char file_sha256[65];            /* set by l4r_arm_resolve */
};

/* Takes the text apart; peer: and so: may stand without "@MODEL", and `model` is "" then: the
 * engine ends at the first '@'; options begin at the last ':' that a key=value follows, so that
 * folders may hold colons. L4R_USAGE with the text and what is wrong: no engine, no model, an
 * option without '=', a key given twice. The engine decides whether a key is known, when it is
 * opened. */
int l4r_arm_parse(const char *text, struct l4r_arm *arm);

/* Finds the engine, by the model's kind where the engine asks for one. L4R_INPUT for a missing or
 * bad model, L4R_USAGE for an engine that is unknown or does not serve the kind. Of a shared object
 * it only takes the hash: whoever plans and judges a run executes nothing of it. */
int l4r_arm_resolve(struct l4r_arm *arm);
/* Loads the shared object of an arm that has one. L4R_INPUT as l4r_engine_load, and where the file
 * is no longer the one that was resolved. */
int l4r_arm_load(struct l4r_arm *arm);

/* Returns the options as a JSON object of texts. */
json_t *l4r_arm_options(const struct l4r_arm *arm);

/* Arms may have the same label although their model folders differ. This gives each of them as many
 * parts of its path as tell them apart ("heuristic@seed1/m"). Call it with the arms of one command,
 * after parsing. O(n^2). */
void l4r_arms_name(struct l4r_arm *arms, int n);

/* Turns a label into a file name: every character but letters, digits, '.', '=' and '-' becomes
 * '_'. Where that loses letters, digits of the label's hash follow, so that two labels have two
 * names. */
void l4r_arm_slug(const struct l4r_arm *arm, char slug[128]);

/* Writes the part of a path after its last '/' to out[size]; a '/' at the end is ignored. */
void l4r_base_name(const char *path, char *out, size_t size);

#endif
