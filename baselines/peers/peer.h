/* SPDX-License-Identifier: BSD-3-Clause */
/* Engines of other projects, each a child process that answers one line of JSON with another:
 * `peer:NAME@MODEL`. The protocol stands in baselines/peers/README.md; peer.c is its other end. */
#ifndef L4R_PEERS_PEER_H
#define L4R_PEERS_PEER_H

#include "impl/engine.h"

/* Options: program=NAME (what `peer:NAME` becomes): with a '/' a path, else a file of the folder
 * $LITE4REC_PEERS (build/peers); every other option is the child's. The child runs on the team's
 * processors, and its own clock is the one that counts. L4R_USAGE without a program,
 * L4R_ENVIRONMENT when it cannot be run, L4R_CHECK when it breaks the protocol or the contract of
 * rankings. */
extern const struct l4r_engine l4r_engine_peer;

#endif
