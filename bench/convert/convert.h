/* SPDX-License-Identifier: BSD-3-Clause */
/* What `lite4rec export` makes of models, for other programs. */
#ifndef L4R_BENCH_CONVERT_CONVERT_H
#define L4R_BENCH_CONVERT_CONVERT_H

/* A folder, or folders in it, that Hugging Face transformers loads with from_pretrained, of a model
 * of any kind made of T5s; lite4rec.json in it says what transformers cannot know (item ids, head,
 * item vectors, causal attention). Its files appear together or not at all; an earlier export is
 * overwritten, another model is not (L4R_USAGE). `data` as below. L4R_USAGE for SASRec's blocks. */
int l4r_export_hf(const char *model, const char *data, const char *out);

/* One ONNX graph of a lite model (T5's blocks), atomically: input `items`, int64 [batch][length],
 * numbers from 1, oldest first, length 1..history, all histories of a batch as long; output
 * `scores`, [batch][items]. `data`: the data set whose texts make the item vectors, NULL where none
 * are needed or the model folder has them cached. L4R_USAGE for models of other kinds, naming what
 * serves them; L4R_INPUT for a file beyond 2 GiB. */
int l4r_export_onnx(const char *model, const char *data, const char *out);

#endif
