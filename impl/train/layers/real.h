/* SPDX-License-Identifier: BSD-3-Clause */
/* The number type of the training layers: float, or double in the copies that tests compile with
 * L4R_DOUBLE for finite differences. Every external name of the layers is renamed in that build. */
#ifndef L4R_TRAIN_LAYERS_REAL_H
#define L4R_TRAIN_LAYERS_REAL_H

#ifdef L4R_DOUBLE
typedef double l4r_real;
#define l4r_batch                 l4r_batch_double
#define l4r_softmax_spec          l4r_softmax_spec_double
#define l4r_encoder_layers        l4r_encoder_layers_double
#define l4r_encoder_layers_open   l4r_encoder_layers_open_double
#define l4r_encoder_layers_close  l4r_encoder_layers_close_double
#define l4r_encoder_forward       l4r_encoder_forward_double
#define l4r_encoder_backward      l4r_encoder_backward_double
#define l4r_decoder_layers        l4r_decoder_layers_double
#define l4r_decoder_layers_open   l4r_decoder_layers_open_double
#define l4r_decoder_layers_close  l4r_decoder_layers_close_double
#define l4r_decoder_forward       l4r_decoder_forward_double
#define l4r_decoder_backward      l4r_decoder_backward_double
#define l4r_encoder_layers_bytes  l4r_encoder_layers_bytes_double
#define l4r_decoder_layers_bytes  l4r_decoder_layers_bytes_double
#define l4r_softmax_cross_entropy l4r_softmax_cross_entropy_double
#define l4r_sampled_spec          l4r_sampled_spec_double
#define l4r_sampled_scratch       l4r_sampled_scratch_double
#define l4r_gbce_beta             l4r_gbce_beta_double
#define l4r_sampled_loss          l4r_sampled_loss_double
#define l4r_softmax_scratch       l4r_softmax_scratch_double
/* shared between the layer sources */
#define l4r_layer_kernels          l4r_layer_kernels_double
#define l4r_layer_kernels_of       l4r_layer_kernels_of_double
#define l4r_matmul                 l4r_layer_product_double
#define l4r_layer_kernels_portable l4r_layer_kernels_portable_double
#define l4r_gemm_bf16              l4r_gemm_bf16_double
#define l4r_layers_have_bf16       l4r_layers_have_bf16_double
#define l4r_layer_stack_open       l4r_layer_stack_open_double
#define l4r_layer_stack_close      l4r_layer_stack_close_double
#define l4r_layer_stack_bytes      l4r_layer_stack_bytes_double
#define l4r_encoder_stack          l4r_encoder_stack_double
#define l4r_layer_forward          l4r_layer_forward_double
#define l4r_layer_backward         l4r_layer_backward_double
#define l4r_layer_part             l4r_layer_part_double
#define l4r_layer_part_back        l4r_layer_part_back_double
#define l4r_layer_find             l4r_layer_find_double
#define l4r_sasrec_layers          l4r_sasrec_layers_double
#define l4r_sasrec_open            l4r_sasrec_open_double
#define l4r_sasrec_bytes           l4r_sasrec_bytes_double
#define l4r_sasrec_close           l4r_sasrec_close_double
#define l4r_sasrec_forward         l4r_sasrec_forward_double
#define l4r_sasrec_backward        l4r_sasrec_backward_double
#else
typedef float l4r_real;
#endif

#endif
