/* SPDX-License-Identifier: BSD-3-Clause */
/* Engines in shared objects, with the contract of impl/engine.h: `so:FILE@MODEL`. They compute in
 * the process that measures them, so nothing lies between the clock and the answer, and nothing
 * keeps them from doing to that process what they like. */
#ifndef L4R_PEERS_PLUGIN_H
#define L4R_PEERS_PLUGIN_H

#include "impl/engine.h"

/* L4R_INPUT unless `file` can be read and is a regular file; its SHA-256. Runs nothing of it. */
int l4r_plugin_hash(const char *file, char sha256[65]);

/* Loads the file, whose constructors run, and asks it for its engine. L4R_INPUT, naming the file,
 * when it is no shared object, lacks something, defines no l4r_plugin_engine or gives a table that
 * l4r_engine_check refuses. A file without a folder is one of this folder. It stays loaded. */
int l4r_plugin_load(const char *file, const struct l4r_engine **engine);

#endif
