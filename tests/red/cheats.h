/* SPDX-License-Identifier: BSD-3-Clause */
/* Engines inside of the process that cheat, as the peers of tests/red/programs/cheat.py do. */
#ifndef L4R_TESTS_RED_CHEATS_H
#define L4R_TESTS_RED_CHEATS_H

#include "impl/engine.h"

/* Each computes for a millisecond a request, ranks by popularity, and has one vice. */
extern const struct l4r_engine cheat_one_ns;     /* says that a request took it a nanosecond */
extern const struct l4r_engine cheat_half_truth; /* says half of what it took */
extern const struct l4r_engine cheat_boast;      /* says three times what it took */
extern const struct l4r_engine cheat_table;      /* ranks first what test.txt holds, if it can */
extern const struct l4r_engine cheat_remembers;  /* is quick for histories of train.txt */
extern const struct l4r_engine cheat_threads;    /* has two threads of its own that compute */
extern const struct l4r_engine cheat_leaves;     /* has one that leaves the processors of the run */
extern const struct l4r_engine cheat_weights;    /* has weights of -5 bytes */
extern const struct l4r_engine cheat_infinite;   /* scores with infinity */
extern const struct l4r_engine cheat_empty;      /* ranks nothing for anybody */
extern const struct l4r_engine cheat_orphan;     /* leaves a process behind; its number is in the
                                                    file `tell` */
/* Honest: every second request that comes alone takes it three times as long, whoever asks. */
extern const struct l4r_engine cheat_uneven;

#endif
