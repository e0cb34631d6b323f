/* SPDX-License-Identifier: BSD-3-Clause */
/* Row-major products of the layers on the calling thread, with own kernels where the processor
 * supports them, else through BLIS; bf16 products always use own kernels. The runtime object asks
 * BLIS for one thread in every call, whatever the environment says, so that data-parallel workers
 * do not start threads of their own. */
#include "impl/train/layers/matmul.h"

#include "impl/train/layers/kernels/kernels.h"

#include <blis.h>

int l4r_layer_kernels_find(const char *isa, const struct l4r_layer_kernels **kernels) {
  enum l4r_isa found;
  int status = l4r_isa_find(isa, &found);
  *kernels = l4r_layer_kernels_of(found);
  return status;
}

int l4r_layers_have_bf16(const struct l4r_layer_kernels *kernels) {
  return l4r_gemm_bf16(l4r_layer_kernels_or_widest(kernels)) != NULL;
}

static void multiply(const struct l4r_matmul *p) {
  const struct l4r_layer_kernels *kernels = l4r_layer_kernels_or_widest(p->kernels);
  if (p->bf16) {
    l4r_gemm_bf16(kernels)(p);
    return;
  }
  if (kernels->product) {
    kernels->product(p);
    return;
  }
  rntm_t runtime = BLIS_RNTM_INITIALIZER;
  bli_rntm_set_num_threads(1, &runtime);
  trans_t trans_a = p->trans_a ? BLIS_TRANSPOSE : BLIS_NO_TRANSPOSE;
  trans_t trans_b = p->trans_b ? BLIS_TRANSPOSE : BLIS_NO_TRANSPOSE;
  /* BLIS 0.9 declares its inputs without const. */
  l4r_real alpha = p->alpha, beta = p->beta, *a = (l4r_real *)p->a, *b = (l4r_real *)p->b;
#ifdef L4R_DOUBLE
  bli_dgemm_ex(trans_a, trans_b, p->m, p->n, p->k, &alpha, a, p->a_stride, 1, b, p->b_stride, 1,
               &beta, p->c, p->c_stride, 1, NULL, &runtime);
#else
  bli_sgemm_ex(trans_a, trans_b, p->m, p->n, p->k, &alpha, a, p->a_stride, 1, b, p->b_stride, 1,
               &beta, p->c, p->c_stride, 1, NULL, &runtime);
#endif
}

void l4r_matmul(const struct l4r_matmul *product) {
  struct l4r_matmul p = *product;
  if (p.m == 0 || p.n == 0 || p.k == 0) return;
  if (!p.a_stride) p.a_stride = p.trans_a ? p.m : p.k;
  if (!p.b_stride) p.b_stride = p.trans_b ? p.k : p.n;
  if (!p.c_stride) p.c_stride = p.n;
  multiply(&p);
}
