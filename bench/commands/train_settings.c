/* SPDX-License-Identifier: BSD-3-Clause */
/* From the command line of `train` to the structs that the trainers take. */
#include "bench/commands/train_settings.h"

#include "bench/commands/train_options.h"
#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/model/config_sizes.h"
#include "impl/train/layers/faster.h"
#include "impl/train/layers/matmul.h"
#include "impl/train/loop/state.h"

#include <stdio.h>
#include <string.h>

/* bf16 loses digits, so it must be clearly faster. */
static const double BF16_SHARE = .95;

enum { FROZEN, TUNED }; /* --item-llm */

static int makes_vectors(enum l4r_kind kind) {
  return kind == L4R_KIND_LITE || kind == L4R_KIND_LITE_BEAM;
}

/* What goes with --ids semantic, and with nothing else of the kinds that have item ids. */
static int check_semantic(const struct l4r_train_settings *s) {
  static const char *const of_ids[] = {"init-item", "semantic-levels", "semantic-codes",
                                       "semantic-width"};
  const int semantic = s->ids == L4R_IDS_SEMANTIC;
  if (s->kind == L4R_KIND_LITE || s->kind == L4R_KIND_SASREC) return L4R_OK;
  for (size_t i = 0; i < sizeof of_ids / sizeof *of_ids && !semantic; i++)
    if (l4r_train_given(s, of_ids[i]))
      return l4r_fail(L4R_USAGE, "--%s has no meaning for models of kind %s without --ids semantic",
                      of_ids[i], l4r_kind_name(s->kind));
  if (!semantic && !makes_vectors(s->kind) && l4r_train_given(s, "text-length"))
    return l4r_fail(L4R_USAGE,
                    "--text-length has no meaning for models of kind %s without --ids "
                    "semantic: they read no texts",
                    l4r_kind_name(s->kind));
  if (semantic && !s->init_item)
    return l4r_fail(L4R_USAGE,
                    "--ids semantic needs --init-item FOLDER, the sentence encoder whose "
                    "vectors of the items' texts become ids");
  if (semantic && l4r_train_given(s, "id-form") && s->id_form != L4R_IDS_TOKENS)
    return l4r_fail(L4R_USAGE, "--id-form %s: semantic ids are tokens of their own, one per code",
                    l4r_id_form_names[s->id_form]);
  return L4R_OK;
}

/* What rows alone cannot say: options that go together, and that exclude each other. */
static int check(const struct l4r_train_settings *s) {
  const int collaborative = s->ids == L4R_IDS_COLLABORATIVE;
  int status;
  if (!collaborative && (s->clusters || s->leaf))
    return l4r_fail(L4R_USAGE, "--clusters and --leaf belong to --ids collaborative");
  status = check_semantic(s);
  if (status) return status;
  if (!collaborative && l4r_train_given(s, "id-form") && s->id_form == L4R_IDS_ITEMS)
    return l4r_fail(L4R_USAGE, "--id-form items needs --ids collaborative: a number of one token "
                               "would make the beam a head");
  if (l4r_train_given(s, "tied-scale") && !s->tied)
    return l4r_fail(L4R_USAGE, "--tied-scale goes with --tied");
  static const char *const of_item[] = {"item-llm", "adapter", "whiten", "item-rate"};
  for (size_t i = 0; i < sizeof of_item / sizeof *of_item && !s->init_item; i++)
    if (l4r_train_given(s, of_item[i]))
      return l4r_fail(L4R_USAGE, "--%s goes with --init-item FOLDER", of_item[i]);
  if (s->init_item && s->init && s->kind == L4R_KIND_LITE)
    return l4r_fail(L4R_USAGE, "--init-item and --init exclude each other: the first gives the "
                               "Item LLM alone, the second both LLMs");
  if (s->init_item && s->kind == L4R_KIND_LITE && (s->items == L4R_ITEMS_ID || s->projection))
    return l4r_fail(L4R_USAGE, "--init-item excludes %s",
                    s->projection ? "--projection: it has an adapter"
                                  : "--items id: then there "
                                    "is no Item LLM");
  if (s->pooling == L4R_POOL_FIRST && (!s->init_item || s->kind != L4R_KIND_LITE))
    return l4r_fail(L4R_USAGE, "--pooling first goes with --init-item: only a BERT's first token "
                               "stands for a text");
  if (l4r_train_given(s, "item-rate") && s->item_llm == FROZEN)
    return l4r_fail(L4R_USAGE, "--item-rate goes with --item-llm tuned");
  if (s->scores && l4r_train_given(s, "tied-scale"))
    return l4r_fail(L4R_USAGE,
                    "--tied-scale belongs to --scores dot; of cosines give --temperature");
  if (s->scores && s->kind == L4R_KIND_LITE && !s->tied)
    return l4r_fail(L4R_USAGE, "--scores cosine needs --tied: cosines are with the item vectors");
  if (!s->scores && l4r_train_given(s, "temperature"))
    return l4r_fail(L4R_USAGE, "--temperature belongs to --scores cosine");
  if (s->init && (s->width || s->blocks || s->heads || s->feed || s->gates || s->activation))
    return l4r_fail(L4R_USAGE,
                    "--width, --blocks, --heads, --feed, --gates and --activation do not "
                    "go with --init: the folder says what the blocks are");
  if (s->untied && s->init)
    return l4r_fail(L4R_USAGE, "--untied and --init exclude each other: the folder says which "
                               "output layer it has");
  return L4R_OK;
}

/* Puts what the command line says of the blocks over what the size says. */
static int reshape(const struct l4r_train_settings *s, struct l4r_model_config *c) {
  struct l4r_t5_shape *rec = &c->rec_llm;
  const int64_t width = s->width ? s->width : rec->d_model;
  const int64_t heads = s->heads ? s->heads : rec->heads;
  if (s->kind != L4R_KIND_LITE && s->kind != L4R_KIND_SASREC) return L4R_OK;
  rec->gates = (enum l4r_gates)s->gates;
  rec->gated = rec->swiglu = s->activation;
  if (!s->width && !s->blocks && !s->heads && !s->feed) return L4R_OK;
  if ((s->width || s->heads) && width % heads)
    return l4r_fail(L4R_USAGE,
                    "--width %lld is no multiple of the %lld heads; give --heads a divisor",
                    (long long)width, (long long)heads);
  if (s->feed)
    rec->d_ff = s->feed;
  else if (s->width)
    rec->d_ff = rec->d_ff / rec->d_model * width;
  if (s->width || s->heads) rec->d_kv = width / heads;
  rec->d_model = width;
  rec->heads = heads;
  if (s->blocks) rec->encoder_blocks = s->blocks;
  if (s->kind == L4R_KIND_LITE && s->width) { /* the Item LLM makes vectors of that width */
    struct l4r_t5_shape *item = &c->item_llm;
    item->d_ff = item->d_ff / item->d_model * width;
    item->d_kv = width / heads;
    item->heads = heads;
    item->d_model = width;
  }
  snprintf(c->size, sizeof c->size, "custom");
  return L4R_OK;
}

int l4r_train_settings_config(const struct l4r_train_settings *s, struct l4r_model_config *c) {
  int status = l4r_config_defaults(s->kind, s->size ? s->size : "mini", c);
  if (!status) status = check(s);
  if (!status) status = reshape(s, c);
  if (status) return status;
  if (s->kind == L4R_KIND_LITE || s->kind == L4R_KIND_SASREC) {
    c->scores = (enum l4r_scores)s->scores;
    if (c->scores == L4R_SCORES_COSINE) c->temperature = s->temperature;
  }
  const int vectors = s->kind == L4R_KIND_LITE || s->kind == L4R_KIND_LITE_BEAM;
  c->history = s->history;
  if (s->kind != L4R_KIND_SASREC) c->text_length = s->text_length;
  c->dropout = s->dropout;
  if (s->embedding_deviation > 0) c->embedding_deviation = s->embedding_deviation;
  if (c->rec_llm.block == L4R_BLOCK_SASREC) c->rec_llm.positions = c->history;
  if (vectors) {
    c->pooling = (enum l4r_pooling)s->pooling;
    c->items_input = (enum l4r_items_input)s->items;
    c->rec_llm.causal = !s->attention;
    c->projection = s->projection;
    if (s->init_item && s->kind == L4R_KIND_LITE) {
      c->adapter = s->adapter ? L4R_ADAPTER_TWO_LAYER : L4R_ADAPTER_LINEAR;
      c->whiten = s->whiten;
      c->frozen = s->item_llm == FROZEN;
    }
  }
  if (s->kind == L4R_KIND_LITE) {
    c->readout = (enum l4r_readout_kind)s->readout;
    c->tied_head = s->tied;
    c->tied_scale = s->scores ? 0 : s->tied_scale; /* a preset may say one of them */
  }
  if (s->kind != L4R_KIND_LITE && s->kind != L4R_KIND_SASREC) {
    const int own = s->ids == L4R_IDS_COLLABORATIVE || s->ids == L4R_IDS_SEMANTIC;
    const int form = own ? L4R_IDS_TOKENS : L4R_IDS_DIGITS;
    c->id_scheme = (enum l4r_id_scheme)s->ids;
    c->id_form = (enum l4r_id_form)(l4r_train_given(s, "id-form") ? s->id_form : form);
  }
  c->prompt = (enum l4r_prompt_style)s->prompt;
  c->whole_word = s->whole_word;
  if (s->untied) c->p5.tied = c->rec_llm.tied = 0;
  return L4R_OK;
}

enum { FP32, BF16, AUTO }; /* --precision */

int l4r_train_settings_options(const struct l4r_train_settings *s, struct l4r_train_options *o) {
  l4r_train_defaults(o);
  int status = l4r_layer_kernels_find(s->isa, &o->kernels);
  if (status) return status;
  o->isa = s->isa;
  const int can = l4r_layers_have_bf16(o->kernels);
  if (s->precision == BF16 && !can)
    return l4r_fail(L4R_ENVIRONMENT,
                    "--precision bf16 needs a processor with AVX512-BF16, or Arm's BF16, which "
                    "this one lacks; --precision auto trains in fp32 there");
  o->bf16 = s->precision == BF16;
  o->schedule = (enum l4r_schedule)s->schedule;
  o->epochs = s->epochs;
  o->minutes = s->minutes;
  if (!l4r_train_given(s, "minutes") && s->size && !strcmp(s->size, "tiny")) o->minutes = 1.0 / 3;
  o->patience = s->patience;
  o->seed = (uint64_t)s->seed;
  o->learning_rate = s->rate;
  o->warmup = s->warmup;
  o->weight_decay = s->decay;
  o->clip = s->clip;
  o->embedding_rate = s->embedding_rate;
  if (s->init_item && s->item_llm == TUNED) o->pretrained_rate = s->item_rate;
  o->resume = s->resume;
  o->wire = (enum l4r_wire)s->wire;
  o->out = s->out;
  return L4R_OK;
}

int l4r_train_settings_precision(const struct l4r_train_settings *s,
                                 const struct l4r_model_config *config,
                                 struct l4r_train_options *o) {
  const int vectors = s->kind != L4R_KIND_P5 && s->kind != L4R_KIND_P5_HEAD;
  double ns[2];
  if (s->precision != AUTO || !l4r_layers_have_bf16(o->kernels)) return L4R_OK;
  /* A training goes on as it began. */
  if (o->resume && l4r_train_state_precision(o->out, &o->bf16)) return L4R_OK;
  const int status = l4r_layers_measure(o->kernels, vectors ? &config->rec_llm : &config->p5, ns);
  if (status) return status;
  o->bf16 = ns[1] < BF16_SHARE * ns[0];
  l4r_info("precision auto: products of bf16 take %.2f of the time of fp32 here, so this model "
           "trains in %s",
           ns[1] / ns[0], o->bf16 ? "bf16" : "fp32");
  return L4R_OK;
}

int l4r_train_settings_loss(const struct l4r_train_settings *s,
                            struct l4r_lite_train_options *options) {
  const int update = l4r_train_given(s, "update");
  const int sample = l4r_train_given(s, "sample");
  if (s->loss == L4R_LOSS_CROSS_ENTROPY && (update || sample || l4r_train_given(s, "negatives")))
    return l4r_fail(L4R_USAGE,
                    "--%s belongs to --loss sampled-softmax and gbce: cross-entropy is over all "
                    "items",
                    update   ? "update"
                    : sample ? "sample"
                             : "negatives");
  if (s->loss != L4R_LOSS_SAMPLED_SOFTMAX && l4r_train_given(s, "correction"))
    return l4r_fail(L4R_USAGE, "--correction belongs to --loss sampled-softmax");
  if (s->loss != L4R_LOSS_GBCE && l4r_train_given(s, "gbce-t"))
    return l4r_fail(L4R_USAGE, "--gbce-t belongs to --loss gbce");
  options->loss = (enum l4r_lite_loss)s->loss;
  options->update = (enum l4r_lite_update)s->update;
  options->negatives = s->negatives;
  options->each = s->sample;
  options->shard_items = s->shard_items;
  options->uncorrected = s->correction;
  options->calibration = s->gbce_t;
  return L4R_OK;
}
