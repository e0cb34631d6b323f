/* SPDX-License-Identifier: BSD-3-Clause */
/* The tokenizer of an exported folder, for transformers' AutoTokenizer.
 *
 * transformers makes a fast tokenizer out of spiece.model by rules of its own, which differ between
 * releases: 4.39 and 4.57 drop some settings, 5 rebuilds the pipeline of every T5Tokenizer and
 * heeds none. So tokenizer.json says the whole pipeline, and tokenizer_config.json names the class
 * that takes it as it is, PreTrainedTokenizerFast, in all of them. */
#include "bench/convert/hf_tokenizer.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#define BLANK "\xe2\x96\x81" /* U+2581, which SentencePiece writes for a blank */

const char *l4r_hf_no_tokenizer(const struct l4r_spm *spm) {
  if (spm->model_type != L4R_SPM_UNIGRAM) return "it is no unigram model";
  if (spm->whitespace_as_suffix) return "blanks end its pieces (treat_whitespace_as_suffix)";
  if (!spm->escape_whitespaces) return "blanks are not escaped (escape_whitespaces=false)";
  for (int64_t p = 0; p < spm->pieces; p++) {
    const struct l4r_spm_piece *piece = &spm->piece[p];
    if (piece->type == L4R_SPM_USER_DEFINED) return "it has user-defined symbols";
    if (piece->type == L4R_SPM_UNUSED) return "it has unused pieces";
    if (piece->type != L4R_SPM_NORMAL) continue;
    for (size_t at = 1; at + 3 <= piece->bytes; at++) /* Metaspace cuts before every blank */
      if (!memcmp(piece->text + at, BLANK, 3)) return "it has pieces with a blank inside";
  }
  return NULL;
}

static json_t *special(int64_t id, const char *text) {
  return json_pack("{s:I, s:s, s:b, s:b, s:b, s:b, s:b}", "id", (json_int_t)id, "content", text,
                   "single_word", 0, "lstrip", 0, "rstrip", 0, "normalized", 0, "special", 1);
}

/* Metaspace leaves its prefix out before a text that begins with a blank, SentencePiece does not.
 */
static int is_prepended(const struct l4r_spm *spm) {
  return spm->add_dummy_prefix && !spm->remove_extra_whitespaces;
}

static json_t *normalizers(const struct l4r_spm *spm) {
  json_t *list = json_array();
  if (spm->charsmap) {
    char *text = l4r_alloc(spm->charsmap_bytes / 3 * 4 + 8, 1, "a normaliser in base64");
    if (text) EVP_EncodeBlock((unsigned char *)text, spm->charsmap, (int)spm->charsmap_bytes);
    json_array_append_new(
        list, json_pack("{s:s, s:s}", "type", "Precompiled", "precompiled_charsmap", text));
    l4r_free(text);
  }
  if (spm->remove_extra_whitespaces) {
    json_array_append_new(
        list, json_pack("{s:s, s:b, s:b}", "type", "Strip", "strip_left", 1, "strip_right", 1));
    json_array_append_new(list, json_pack("{s:s, s:{s:s}, s:s}", "type", "Replace", "pattern",
                                          "Regex", " {2,}", "content", " "));
  }
  if (is_prepended(spm))
    json_array_append_new(list, json_pack("{s:s, s:s}", "type", "Prepend", "prepend", BLANK));
  if (json_array_size(list))
    return json_pack("{s:s, s:o}", "type", "Sequence", "normalizers", list);
  json_decref(list);
  return json_null();
}

/* Fields of old and of new releases of tokenizers side by side: each passes over the other's. */
static json_t *metaspace(const struct l4r_spm *spm, int decoder) {
  const int prefix = spm->add_dummy_prefix && (decoder || !is_prepended(spm));
  return json_pack("{s:s, s:s, s:b, s:s, s:b}", "type", "Metaspace", "replacement", BLANK,
                   "add_prefix_space", prefix, "prepend_scheme", prefix ? "always" : "never",
                   "split", 1);
}

static json_t *vocabulary(const struct l4r_spm *spm, int64_t sentinels) {
  json_t *list = json_array();
  for (int64_t p = 0; p < spm->pieces; p++)
    json_array_append_new(list, json_pack("[s%, f]", spm->piece[p].text, spm->piece[p].bytes,
                                          (double)spm->piece[p].score));
  for (int64_t s = sentinels - 1; s >= 0; s--) {
    char name[32];
    snprintf(name, sizeof name, "<extra_id_%lld>", (long long)s);
    json_array_append_new(list, json_pack("[s, f]", name, 0.));
  }
  return list;
}

static json_t *added_tokens(const struct l4r_spm *spm, int64_t sentinels) {
  static const char *const names[] = {"<pad>", "</s>", "<unk>"};
  json_t *list = json_array();
  for (int i = 0; i < 3; i++) json_array_append_new(list, special(i, names[i]));
  for (int64_t s = sentinels - 1; s >= 0; s--) {
    char name[32];
    snprintf(name, sizeof name, "<extra_id_%lld>", (long long)s);
    json_array_append_new(list, special(spm->pieces + sentinels - 1 - s, name));
  }
  return list;
}

json_t *l4r_hf_tokenizer_json(const struct l4r_spm *spm, int64_t sentinels) {
  return json_pack("{s:s, s:n, s:n, s:o, s:o, s:o, s:{s:s, s:[{s:{s:s, s:i}}, {s:{s:s, s:i}}], "
                   "s:[{s:{s:s, s:i}}, {s:{s:s, s:i}}, {s:{s:s, s:i}}, {s:{s:s, s:i}}], "
                   "s:{s:{s:s, s:[i], s:[s]}}}, s:o, s:{s:s, s:i, s:o, s:b}}",
                   "version", "1.0", "truncation", "padding", "added_tokens",
                   added_tokens(spm, sentinels), "normalizer", normalizers(spm), "pre_tokenizer",
                   metaspace(spm, 0), "post_processor", "type", "TemplateProcessing", "single",
                   "Sequence", "id", "A", "type_id", 0, "SpecialToken", "id", "</s>", "type_id", 0,
                   "pair", "Sequence", "id", "A", "type_id", 0, "SpecialToken", "id", "</s>",
                   "type_id", 0, "Sequence", "id", "B", "type_id", 0, "SpecialToken", "id", "</s>",
                   "type_id", 0, "special_tokens", "</s>", "id", "</s>", "ids", 1, "tokens", "</s>",
                   "decoder", metaspace(spm, 1), "model", "type", "Unigram", "unk_id", 2, "vocab",
                   vocabulary(spm, sentinels), "byte_fallback", spm->byte_fallback);
}

json_t *l4r_hf_tokenizer_config(int64_t sentinels) {
  json_t *config = json_pack("{s:s, s:s, s:s, s:s, s:i, s:b}", "tokenizer_class",
                             "PreTrainedTokenizerFast", "pad_token", "<pad>", "eos_token", "</s>",
                             "unk_token", "<unk>", "model_max_length", 1000000,
                             "clean_up_tokenization_spaces", 0);
  json_t *list = json_array();
  for (int64_t s = 0; s < sentinels; s++) {
    char name[32];
    snprintf(name, sizeof name, "<extra_id_%lld>", (long long)s);
    json_array_append_new(list, json_string(name));
  }
  if (sentinels)
    json_object_set_new(config, "additional_special_tokens", list);
  else
    json_decref(list);
  return config;
}
