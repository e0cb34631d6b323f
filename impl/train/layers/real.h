/* SPDX-License-Identifier: BSD-3-Clause */
/* The number type of the training layers: float, or double in the copies compiled with L4R_DOUBLE
 * for finite differences, whose names the Makefile ends in _double. */
#ifndef L4R_TRAIN_LAYERS_REAL_H
#define L4R_TRAIN_LAYERS_REAL_H

#ifdef L4R_DOUBLE
typedef double l4r_real;
#else
typedef float l4r_real;
#endif

#endif
