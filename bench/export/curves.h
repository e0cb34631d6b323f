/* SPDX-License-Identifier: BSD-3-Clause */
/* Writes the learning curves of training logs. */
#ifndef L4R_BENCH_EXPORT_CURVES_H
#define L4R_BENCH_EXPORT_CURVES_H

/* Writes folder/curves.tsv, best.tsv (each model's best epoch) and models.tsv. Each `model` is a
 * model folder with a training.jsonl or a copy of such a log. L4R_INPUT, with file and line, for a
 * file that is not a log, and for a model that was not trained by epochs. */
int l4r_export_curves(const char *const *model, int models, const char *folder);

#endif
