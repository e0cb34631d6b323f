/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef L4R_MODEL_PRETRAINED_WEIGHTS_H
#define L4R_MODEL_PRETRAINED_WEIGHTS_H

#include "impl/model/pretrained.h"

/* Internal to pretrained.c: opens the weights, decides which are tied, and checks them. */
int l4r_pretrained_weights(struct l4r_pretrained *made);

#endif
