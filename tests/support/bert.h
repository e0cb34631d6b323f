/* SPDX-License-Identifier: BSD-3-Clause */
/* Folders of sentence encoders for tests. Everything asserts. */
#ifndef L4R_TESTS_SUPPORT_BERT_H
#define L4R_TESTS_SUPPORT_BERT_H

/* Writes a folder into the scratch folder, as Hugging Face has them: the golden BERT's weights in
 * `type` ("F32", "F16", "BF16"; " NaN" behind it makes one value one), with a pooler as others
 * have, config.json (`setting`, a member such as "\"hidden_act\": \"relu\"", replaces the usual
 * one), a tokenizer.json of 61 pieces, modules.json (mean, normalised), and a model card. Returns
 * its path. */
const char *test_bert_folder(const char *folder, const char *type, const char *setting);

#endif
