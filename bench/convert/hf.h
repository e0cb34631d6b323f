/* SPDX-License-Identifier: BSD-3-Clause */
/* A model for Hugging Face transformers. */
#ifndef L4R_BENCH_CONVERT_HF_H
#define L4R_BENCH_CONVERT_HF_H

/* A folder, or folders in it, that Hugging Face transformers loads with from_pretrained, of a model
 * of any kind made of T5s; lite4rec.json in it says what transformers cannot know (item ids, head,
 * item vectors, causal attention). Its files appear together or not at all; an earlier export is
 * overwritten, another model is not (L4R_USAGE). `data`: the data set whose
 * texts make the item vectors, NULL where the model folder has them cached. L4R_USAGE for SASRec's
 * blocks. */
int l4r_export_hf(const char *model, const char *data, const char *out);

#endif
