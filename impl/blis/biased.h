/* SPDX-License-Identifier: BSD-3-Clause */
/* Layers with biases, of which SASRec's and BERT's blocks consist: packed weights, and their
 * products. Biases cost no pass of their own: a worker lays them into its share of a result, still
 * in its cache when the product is added to it. */
#ifndef L4R_BLIS_BIASED_H
#define L4R_BLIS_BIASED_H

#include "impl/blis/encoder_part.h"
#include "impl/blis/finish.h"

struct l4r_blis_norm {
  float *weight, *bias; /* [D] */
};

struct l4r_blis_layer { /* a product with its bias */
  struct l4r_matrix matrix;
  float *bias;
};

struct l4r_blis_source { /* where weights come from */
  const struct l4r_encoder_spec *spec;
  const struct l4r_gemm_kernel *gemm;
  int64_t *bytes; /* added to */
  char base[40];  /* "blocks.3.": before all names, behind the spec's prefix */
};

/* A list of names for l4r_blis_layer_open. */
#define L4R_PARTS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* Pack the layers `parts` (NULL-ended) side by side, each [out][in] with its bias, the first times
 * `scale`; copy the norm `part`; copy the table `name`, [rows][D]. L4R_INPUT, L4R_ENVIRONMENT; what
 * was taken is freed by the functions below either way. */
int l4r_blis_layer_open(const struct l4r_blis_source *source, struct l4r_blis_layer *layer,
                        const char *const *parts, int64_t out, int64_t in, float scale);
int l4r_blis_norm_open(const struct l4r_blis_source *source, struct l4r_blis_norm *norm,
                       const char *part);
int l4r_blis_table_open(const struct l4r_blis_source *source, float **table, const char *name,
                        int64_t rows);
void l4r_blis_layer_close(struct l4r_blis_layer *layer);
void l4r_blis_norm_close(struct l4r_blis_norm *norm);

/* l4r_multiply_finished with the matrix and the bias of a layer. */
void l4r_blis_apply(const struct l4r_work_group *group, const struct l4r_blis_layer *layer,
                    struct l4r_blis_rows in, enum l4r_finish finish, struct l4r_blis_rows out);
/* out = norm(in), the worker's rows; out may be in. */
void l4r_blis_norm_rows(const struct l4r_work_group *group, const struct l4r_t5_shape *shape,
                        const struct l4r_blis_norm *norm, int64_t rows, const float *in,
                        float *out);

#endif
