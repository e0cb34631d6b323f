/* SPDX-License-Identifier: BSD-3-Clause */
/* The training kernels' one source, included by a file per instruction set after impl/simd's header
 * of that set, with
 *   ATTEND_ROWS   rows of a tile of attention       KERNEL_TABLE   the table to define
 *   TILE_ROWS     rows of a product's tile; not defined: products go through BLIS
 * No include guard: each file gets its own static copies. */
#include "impl/train/layers/kernels/rows.h"
#include "impl/train/layers/kernels/attend.h"
#include "impl/train/layers/kernels/named.h"
#ifdef TILE_ROWS
#include "impl/train/layers/kernels/product.h"
#include "impl/train/layers/kernels/head.h"
#endif

const struct l4r_layer_kernels KERNEL_TABLE = {
    .isa = SIMD_ISA,
    .draw = draw,
    .add_norm = add_norm,
    .apply_norm_weight = apply_norm_weight,
    .apply_norm_weight_back = apply_norm_weight_back,
    .norm_back = norm_back,
    .relu = relu,
    .relu_back = relu_back,
    .gelu = gelu,
    .gelu_back = gelu_back,
    .gate = gate,
    .gate_back = gate_back,
    .swiglu = swiglu,
    .swiglu_back = swiglu_back,
    .attend = attend,
    .attend_back = attend_back,
    .loss_row = loss_row,
    .named_products = named_products,
    .named_products_back = named_products_back,
    .sigmoid = sigmoid,
#ifdef TILE_ROWS
    .product = product,
    .softmax_scratch = softmax_scratch,
    .softmax = softmax,
#endif
};
