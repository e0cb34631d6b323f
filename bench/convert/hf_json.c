/* SPDX-License-Identifier: BSD-3-Clause */
/* lite4rec.json is a README that a program can read: whoever loads the folder without this project
 * has to know these sentences, and tests/convert/hf_answers.py serves from them alone. */
#include "bench/convert/hf_json.h"

#include "baselines/beam/prompt.h"
#include "impl/model/config_sizes.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* --- what transformers reads --- */

int l4r_hf_is_tied(const struct l4r_t5_shape *shape) {
  return shape->tied && shape->output_scale != L4R_NOT_SCALED;
}

json_t *l4r_hf_config(const struct l4r_hf_t5 *t5) {
  const struct l4r_t5_shape *shape = t5->shape;
  json_t *config = json_pack(
      "{s:[s], s:s, s:b, s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:s, s:f, s:f, s:b, s:i, "
      "s:i, s:i, s:b, s:s, s:s}",
      "architectures", t5->has_decoder ? "T5ForConditionalGeneration" : "T5EncoderModel",
      "model_type", "t5", "is_encoder_decoder", t5->has_decoder, "is_decoder", t5->causal,
      "d_model", (json_int_t)shape->d_model, "d_kv", (json_int_t)shape->d_kv, "d_ff",
      (json_int_t)shape->d_ff, "num_heads", (json_int_t)shape->heads, "num_layers",
      (json_int_t)t5->encoder_blocks, "vocab_size", (json_int_t)t5->vocabulary,
      "relative_attention_num_buckets", (json_int_t)shape->buckets,
      "relative_attention_max_distance", (json_int_t)shape->max_distance, "feed_forward_proj",
      shape->gated ? "gated-gelu" : "relu", "layer_norm_epsilon", shape->epsilon, "dropout_rate",
      t5->dropout, "tie_word_embeddings", t5->has_decoder ? l4r_hf_is_tied(shape) : 1,
      "pad_token_id", 0, "eos_token_id", L4R_END_TOKEN, "decoder_start_token_id", L4R_START_TOKEN,
      "use_cache", t5->has_decoder, "torch_dtype", "float32", "transformers_version", "4.39.3");
  if (t5->has_decoder)
    json_object_set_new(config, "num_decoder_layers", json_integer(shape->decoder_blocks));
  return config;
}

json_t *l4r_hf_generation(int64_t most) {
  return json_pack("{s:i, s:i, s:i, s:I, s:i, s:b, s:b, s:f, s:s}", "pad_token_id", 0,
                   "eos_token_id", L4R_END_TOKEN, "decoder_start_token_id", L4R_START_TOKEN,
                   "max_length", (json_int_t)most + 1, "num_beams", 20, "do_sample", 0,
                   "early_stopping", 0, "length_penalty", 1.0, "transformers_version", "4.39.3");
}

/* --- what it cannot know --- */

__attribute__((format(printf, 2, 3))) static void say(json_t *list, const char *format, ...) {
  char text[1024];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  json_array_append_new(list, json_string(text));
}

static void say_prompt(json_t *about, json_t *list, const struct l4r_model_config *config,
                       const struct l4r_served_ids *ids) {
  const struct l4r_prompt_affixes *affixes = l4r_prompt_affixes(config->prompt);
  char name[L4R_PROMPT_NAME];
  json_t *parts = json_array();
  l4r_prompt_dataset(config->dataset_name, name);
  for (const char *const *part = l4r_prompt_parts(config->prompt, L4R_PROMPT_SERVED); *part; part++)
    json_array_append_new(parts, json_string(strcmp(*part, "{dataset}") ? *part : name));
  json_object_set_new(about, "prompt", parts);
  say(list,
      "Prompt: the tokens of the parts of `prompt`, each tokenised by itself without special "
      "tokens, then </s> (1). {user} is the user's number in the data set, from 1, as text; "
      "{history} is the token strings (item_tokens.tsv) of the newest %lld items, oldest first.",
      (long long)config->history);
  if (affixes) {
    json_object_set_new(about, "item_words",
                        json_pack("{s:s, s:s, s:I}", "before", affixes->before, "between",
                                  affixes->between, "answer", (json_int_t)ids->tokens.words));
    say(list,
        "Items in the prompt: before each of them the tokens of \"%s\", between two the tokens of "
        "\"%s\"; of its string the first %lld tokens, words that begin an answer, are left out.",
        affixes->before, affixes->between, (long long)ids->tokens.words);
  }
  if (!config->whole_word) return;
  say(list,
      "Whole-word vectors: to the embedding of every token of an item in the prompt the row of "
      "whole_word.weight (" L4R_HF_REST ") is added that says how many items of the prompt are "
      "newer, row 0 for the newest; so prompts go in as inputs_embeds. Without this the answers "
      "are wrong.");
}

static void say_answer(json_t *about, json_t *list, const struct l4r_model_config *config,
                       const struct l4r_served_ids *ids) {
  say(list,
      "Item trie: an answer is an item's token string (item_tokens.tsv) and </s>, at most %lld "
      "tokens. Free generation may write strings that are no item: allow, after the start token, "
      "only what continues one of them (generate's prefix_allowed_tokens_fn).",
      (long long)config->max_id_tokens);
  if (ids->unused_begin == ids->unused_end) return;
  json_object_set_new(
      about, "unused_rows",
      json_pack("[I, I]", (json_int_t)ids->unused_begin, (json_int_t)ids->unused_end));
  say(list,
      "Unused rows: rows %lld to %lld of the vocabulary stand for nothing. lite4rec gives them no "
      "probability: set their logits to -inf before the softmax.",
      (long long)ids->unused_begin, (long long)ids->unused_end - 1);
}

static void say_vectors(json_t *about, json_t *list, const struct l4r_model_config *config) {
  const int texts = config->items_input != L4R_ITEMS_ID;
  json_object_set_new(about, "attention",
                      json_string(config->rec_llm.causal ? "causal" : "bidirectional"));
  say(list,
      "rec_llm: input_ids are item numbers, 1 to %lld, oldest first, the newest %lld of a history; "
      "0 is padding, with attention_mask 0. The rows of its embedding are the item vectors.",
      (long long)config->items, (long long)config->history);
  if (config->rec_llm.causal)
    say(list, "rec_llm is causal, which T5EncoderModel has no word for: config.json says "
              "is_decoder, with which transformers 4.39.3 gives its attention the causal mask and "
              "one-sided position buckets. The cross-attention that comes with it holds zeros and "
              "is not used. A loader that does not heed is_decoder answers wrongly.");
  if (!texts) return;
  say(list,
      "item_llm made the item vectors, and is needed for new items alone: of the text `title: ... "
      "brand: ... categories: ...` (fields that are empty left out), its first %lld tokens and "
      "</s>, %s%s%s.",
      (long long)config->text_length - 1,
      config->pooling == L4R_POOL_MEAN ? "the mean of last_hidden_state over all of them"
                                       : "last_hidden_state at </s>",
      config->projection ? ", times item_llm.projection.weight (" L4R_HF_REST ")" : "",
      config->items_input == L4R_ITEMS_TEXT_ID
          ? ", plus the item's row of item_llm.id.weight (" L4R_HF_REST ")"
          : "");
}

static void say_head(json_t *about, json_t *list, const struct l4r_model_config *config) {
  const int mean = config->readout == L4R_READ_MEAN, tied = config->tied_head;
  const double scale = tied ? l4r_tied_scale(config) : 1;
  json_object_set_new(about, "readout", json_string(mean ? "mean" : "last"));
  json_object_set_new(about, "head", json_string(tied ? "tied" : "free"));
  json_object_set_new(about, "scale", json_real(scale));
  say(list, "User's state: rec_llm's last_hidden_state %s.",
      mean ? "averaged over the history's items" : "at the newest item");
  if (tied)
    say(list,
        "Head: scores of items 1, 2, ... are %.9g times the state times rows 1, 2, ... of "
        "rec_llm's "
        "embedding.",
        scale);
  else
    say(list, "Head: scores of items 1, 2, ... are the state times the rows of item_head.weight "
              "plus item_head.bias (" L4R_HF_REST ").");
}

static void say_kind(json_t *about, json_t *list, const struct l4r_model_config *config,
                     const struct l4r_served_ids *ids) {
  if (l4r_kind_is_prompted(config->kind))
    say_prompt(about, list, config, ids);
  else
    say_vectors(about, list, config);
  if (config->kind == L4R_KIND_LITE) say_head(about, list, config);
  if (config->kind == L4R_KIND_P5_HEAD)
    say(list, "Head: scores of items 1, 2, ... are the decoder's last hidden state at its first "
              "position (decoder_input_ids [[0]]) times the rows of item_head.weight plus "
              "item_head.bias (" L4R_HF_REST "). Nothing is generated.");
  if (config->kind == L4R_KIND_LITE_BEAM)
    say(list, "decoder: its encoder (blocks of zeros) is not used; give generate rec_llm's "
              "last_hidden_state as encoder_outputs, with the history's attention_mask.");
  if (config->kind == L4R_KIND_P5 || config->kind == L4R_KIND_LITE_BEAM)
    say_answer(about, list, config, ids);
}

static json_t *loaders(const struct l4r_model_config *config) {
  if (l4r_kind_is_prompted(config->kind))
    return json_pack("{s:s}", ".", "T5ForConditionalGeneration");
  json_t *loads = json_object();
  if (config->items_input != L4R_ITEMS_ID)
    json_object_set_new(loads, "item_llm", json_string("T5EncoderModel"));
  json_object_set_new(loads, "rec_llm", json_string("T5EncoderModel"));
  if (config->kind == L4R_KIND_LITE_BEAM)
    json_object_set_new(loads, "decoder", json_string("T5ForConditionalGeneration"));
  return loads;
}

/* Who divides texts into the model's tokens; `no_tokenizer`: why transformers has none. */
static void say_tokenizer(json_t *about, json_t *list, const struct l4r_model *model,
                          const char *no_tokenizer) {
  if (!model->tokenizer) return;
  json_object_set_new(
      about, "tokenizer",
      json_string(no_tokenizer ? "sentencepiece.SentencePieceProcessor" : "AutoTokenizer"));
  if (no_tokenizer)
    say(list,
        "Tokens: no tokenizer of transformers divides texts as this model's does, because %s. Use "
        "sentencepiece.SentencePieceProcessor(model_file=...) on spiece.model.",
        no_tokenizer);
  else
    say(list, "Tokens: AutoTokenizer.from_pretrained of transformers 4.39, 4.57 and 5.24 divides "
              "texts as this model's SentencePiece model does, but where a text holds a special "
              "token's name or characters that are composed of several (Korean in single jamo).");
}

json_t *l4r_hf_about(const struct l4r_model *model, const struct l4r_served_ids *ids,
                     const char *no_tokenizer) {
  const struct l4r_model_config *config = &model->config;
  json_t *list = json_array();
  json_t *about = json_pack("{s:s, s:s, s:o, s:s, s:s, s:s, s:s, s:I, s:I}", "made_by",
                            "lite4rec export hf", "kind", l4r_kind_name(config->kind),
                            "from_pretrained", loaders(config), "model_sha256", model->sha256,
                            "data_set", config->dataset_name, "data_set_sha256",
                            config->dataset_sha256, "items_sha256", config->items_sha256, "items",
                            (json_int_t)config->items, "history", (json_int_t)config->history);
  if (about && list) say_tokenizer(about, list, model, no_tokenizer);
  if (about && list) say_kind(about, list, config, ids);
  if (json_object_set_new(about, "transformers_does_not_know", list) == 0) return about;
  json_decref(about);
  return NULL;
}
