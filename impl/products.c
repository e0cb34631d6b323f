/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/products.h"

static void add(struct l4r_products *products, int64_t rows, int64_t k, int64_t n, double times) {
  if (rows < 1 || k < 1 || n < 1 || !(times > 0) || products->count == L4R_PRODUCTS_MAX) return;
  products->product[products->count++] = (struct l4r_product_shape){
      .rows = rows, .k = k, .n = n, .times = times};
}

static void add_feed(struct l4r_products *products, const struct l4r_t5_shape *shape, int64_t rows,
                     double times) {
  const int64_t gates = shape->gated ? 2 : 1;
  add(products, rows, shape->d_model, gates * shape->d_ff, times);
  add(products, rows, shape->d_ff, shape->d_model, times);
}

void l4r_products_encoder(struct l4r_products *products, const struct l4r_t5_shape *shape,
                          int64_t positions) {
  const int64_t inner = shape->heads * shape->d_kv;
  const double whole = (double)shape->encoder_blocks - 1;
  add(products, positions, shape->d_model, 3 * inner, (double)shape->encoder_blocks);
  add(products, positions, inner, shape->d_model, whole);
  add_feed(products, shape, positions, whole);
  add(products, 1, inner, shape->d_model, 1);
  add_feed(products, shape, 1, 1);
  if (shape->gates == L4R_GATES_NONE) return;
  add(products, positions, shape->d_model, shape->d_model, 2 * whole);
  add(products, 1, shape->d_model, shape->d_model, 2);
}

void l4r_products_decoder(struct l4r_products *products, const struct l4r_t5_shape *shape,
                          int64_t rows, int64_t steps) {
  const int64_t inner = shape->heads * shape->d_kv;
  const double times = (double)(shape->decoder_blocks * steps);
  add(products, rows, shape->d_model, 3 * inner, times);
  add(products, rows, inner, shape->d_model, 3 * times); /* o; q and o of cross-attention */
  add_feed(products, shape, rows, times);
  add(products, rows, shape->d_model, shape->vocabulary, (double)steps);
}

void l4r_products_head(struct l4r_products *products, int64_t width, int64_t items) {
  add(products, 1, width, items, 1);
}
