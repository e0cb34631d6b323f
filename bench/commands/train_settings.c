/* SPDX-License-Identifier: BSD-3-Clause */
/* The options of `lite4rec train`, one table for all kinds: an option that a kind has no use for is
 * refused by name, so that nobody believes it did something. */
#include "bench/commands/train_settings.h"

#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/text.h"
#include "impl/train/layers/layers.h"

#include <stdio.h>
#include <string.h>

#define NOT_GIVEN INT64_MIN /* a power of two: the same number as a double */

enum { /* sets of kinds */
       LITE = 1 << L4R_KIND_LITE,
       LITE_BEAM = 1 << L4R_KIND_LITE_BEAM,
       P5 = 1 << L4R_KIND_P5,
       P5_HEAD = 1 << L4R_KIND_P5_HEAD,
       SASREC = 1 << L4R_KIND_SASREC,
       KNN = 1 << L4R_KIND_ITEMKNN,
       COUNTS = KNN | 1 << L4R_KIND_POP | 1 << L4R_KIND_MARKOV,
       VECTORS = LITE | LITE_BEAM,
       IDS = P5 | P5_HEAD | LITE_BEAM,
       TEXTS = VECTORS | IDS,
       TRAINED = TEXTS | SASREC,
};

/* Options that not every trained kind has. */
static const struct {
  const char *name;
  unsigned kinds;
} owners[] = {
    {"data", TRAINED | COUNTS},
    {"out", TRAINED | COUNTS},
    {"force", TRAINED | COUNTS},
    {"leaky", TRAINED | COUNTS},
    {"tokenizer", TEXTS},
    {"pieces", TEXTS},
    {"prefixes", TEXTS},
    {"attention", VECTORS},
    {"items", VECTORS},
    {"text-length", VECTORS},
    {"pooling", VECTORS},
    {"projection", VECTORS},
    {"readout", LITE},
    {"item-share", LITE},
    {"tied", LITE},
    {"tied-scale", LITE},
    {"untied", P5 | LITE_BEAM},
    {"loss", LITE | SASREC},
    {"negatives", LITE | SASREC},
    {"gbce-t", LITE | SASREC},
    {"update", LITE | SASREC},
    {"ids", IDS},
    {"id-form", IDS},
    {"whole-word", P5 | P5_HEAD},
    {"clusters", IDS},
    {"leaf", IDS},
    {"answers", P5 | P5_HEAD | LITE_BEAM},
    {"answer-form", P5 | P5_HEAD | LITE_BEAM},
    {"validation-users", TRAINED},
    {"norm", KNN},
    {"init", TEXTS},
    {"init-part", VECTORS},
};

static void nothing_given(struct l4r_train_settings *s) {
  *s = (struct l4r_train_settings){.seed = NOT_GIVEN,
                                   .epochs = NOT_GIVEN,
                                   .threads = NOT_GIVEN,
                                   .batch = NOT_GIVEN,
                                   .history = NOT_GIVEN,
                                   .text_length = NOT_GIVEN,
                                   .patience = NOT_GIVEN,
                                   .answers = NOT_GIVEN,
                                   .pieces = NOT_GIVEN,
                                   .clusters = NOT_GIVEN,
                                   .leaf = NOT_GIVEN,
                                   .validation_users = NOT_GIVEN,
                                   .minutes = NOT_GIVEN,
                                   .rate = NOT_GIVEN,
                                   .warmup = NOT_GIVEN,
                                   .dropout = NOT_GIVEN,
                                   .embedding_deviation = NOT_GIVEN,
                                   .embedding_rate = NOT_GIVEN,
                                   .tied_scale = NOT_GIVEN,
                                   .decay = NOT_GIVEN,
                                   .clip = NOT_GIVEN,
                                   .item_share = NOT_GIVEN,
                                   .negatives = NOT_GIVEN,
                                   .gbce_t = NOT_GIVEN};
}

static int given(const struct l4r_argument *argument) {
  switch (argument->type) {
  case L4R_ARG_TEXT:
    return *(const char **)argument->target != NULL;
  case L4R_ARG_INT:
    return *(int64_t *)argument->target != NOT_GIVEN;
  case L4R_ARG_REAL:
    return *(double *)argument->target != NOT_GIVEN;
  case L4R_ARG_FLAG:
    return *(int *)argument->target != 0;
  case L4R_ARG_LIST:
    return ((struct l4r_argument_list *)argument->target)->count > 0;
  }
  return 0;
}

static unsigned kinds_of(const char *option) {
  for (size_t i = 0; i < sizeof owners / sizeof *owners; i++)
    if (strcmp(owners[i].name, option) == 0) return owners[i].kinds;
  return TRAINED;
}

static int check_owners(const struct l4r_argument *arguments, enum l4r_kind kind) {
  for (; arguments->name; arguments++)
    if (given(arguments) && !(kinds_of(arguments->name) & 1u << kind))
      return l4r_fail(L4R_USAGE, "--%s has no meaning for models of kind %s", arguments->name,
                      l4r_kind_name(kind));
  return L4R_OK;
}

static const char summary[] =
    "Trains a model and writes its folder. KIND: lite, sasrec, p5, p5-head, lite-beam, pop,\n"
    "markov, itemknn. All trained kinds learn by cross-entropy; lite and sasrec over the whole\n"
    "catalogue, or by a loss over a sample of it (--loss). Ctrl-C leaves a checkpoint that\n"
    "--resume continues bit for bit.\n"
    "A model that is in --out stays whole and usable until the new one is: --force trains in\n"
    "OUT.training beside it, and the two are exchanged in the end.";
static const char examples[] =
    "  lite4rec train pop  --data data/ml-1m --out models/pop\n"
    "  lite4rec train lite --data data/ml-1m --size mini --out models/lite\n"
    "  lite4rec train sasrec --data data/ml-1m --out models/sasrec\n"
    "  lite4rec train lite --data data/ml-1m --size t5-small --epochs 0 --out models/random\n"
    "  lite4rec train lite --data data/ml-1m --init t5-small --out models/lite-t5\n"
    "  lite4rec train p5   --data data/ml-1m --size mini --minutes 90 --out models/p5 --resume\n";

int l4r_train_settings_parse(int argc, char **argv, struct l4r_train_settings *s, int *helped) {
  nothing_given(s);
  const struct l4r_argument arguments[] = {
      {"data", L4R_ARG_TEXT, "FOLDER", "data set (needed)", &s->data},
      {"out", L4R_ARG_TEXT, "FOLDER", "model folder to write (needed)", &s->out},
      {"size", L4R_ARG_TEXT, "NAME",
       "tiny, mini, base or, but for sasrec, t5-small (mini; --init: its folder's)", &s->size},
      {"seed", L4R_ARG_INT, "N", "of weights, order and dropout (1)", &s->seed},
      {"minutes", L4R_ARG_REAL, "N", "wall time at most (lite 40, others 60, tiny a third of one)",
       &s->minutes},
      {"epochs", L4R_ARG_INT, "N", "at most; 0 writes random weights (no bound)", &s->epochs},
      {"patience", L4R_ARG_INT, "N",
       "epochs without a better validation; 0 never stops (lite, sasrec 10, others 40)",
       &s->patience},
      {"threads", L4R_ARG_INT, "N", "workers (all processors allowed)", &s->threads},
      {"batch", L4R_ARG_INT, "N", "sequences a step (sasrec 128, others by the data's size)",
       &s->batch},
      {"lr", L4R_ARG_REAL, "X", "learning rate (lite 3e-3, others 1e-3)", &s->rate},
      {"warmup", L4R_ARG_REAL, "STEPS", "linear rise of the rate (100)", &s->warmup},
      {"schedule", L4R_ARG_TEXT, "NAME",
       "constant, linear or cosine (sasrec constant, others cosine)", &s->schedule},
      {"precision", L4R_ARG_TEXT, "NAME",
       "of products: fp32, bf16 (sums and weights fp32) or auto, bf16 where possible (fp32)",
       &s->precision},
      {"dropout", L4R_ARG_REAL, "P", "lite, sasrec .2, p5 .1", &s->dropout},
      {"embedding-deviation", L4R_ARG_REAL, "X",
       "of token and item vectors at the start (1, as T5; sasrec .02)", &s->embedding_deviation},
      {"embedding-rate", L4R_ARG_REAL, "X", "of token and item vectors, times --lr (1)",
       &s->embedding_rate},
      {"decay", L4R_ARG_REAL, "X", "weight decay (sasrec 0, others .01)", &s->decay},
      {"clip", L4R_ARG_REAL, "X", "global gradient norm; 0 none (1)", &s->clip},
      {"resume", L4R_ARG_FLAG, "", "go on from the folder's checkpoint", &s->resume},
      {"force", L4R_ARG_FLAG, "",
       "replace the model in --out, when the new one is complete and not before", &s->force},
      {"leaky", L4R_ARG_FLAG, "",
       "train although held-out items stand in the training part; config.json says so", &s->leaky},
      {"history", L4R_ARG_INT, "N", "interactions a model sees (50; p5 20; sasrec 200)",
       &s->history},
      {"tokenizer", L4R_ARG_TEXT, "FILE",
       "SentencePiece model (trained on the texts; --init: its spiece.model)", &s->tokenizer},
      {"pieces", L4R_ARG_INT, "N",
       "of a tokenizer trained here, at most (4,000; p5 kinds with own tokens 500)", &s->pieces},
      {"init", L4R_ARG_TEXT, "FOLDER", "begin with the weights of a Hugging Face T5", &s->init},
      {"init-part", L4R_ARG_TEXT, "PART", "that begins so: both LLMs or the item LLM (both)",
       &s->init_part},
      {"attention", L4R_ARG_TEXT, "KIND", "causal or bidirectional (causal)", &s->attention},
      {"items", L4R_ARG_TEXT, "KIND", "text, id or text+id (text)", &s->items},
      {"text-length", L4R_ARG_INT, "N", "tokens of an item's text (64)", &s->text_length},
      {"item-share", L4R_ARG_REAL, "X", "of a step's items, encoded anew (1)", &s->item_share},
      {"loss", L4R_ARG_TEXT, "NAME", "cross-entropy, sampled-softmax or gbce (cross-entropy)",
       &s->loss},
      {"negatives", L4R_ARG_INT, "N",
       "items that a sampled loss draws for each 2,048 positions (256)", &s->negatives},
      {"gbce-t", L4R_ARG_REAL, "T", "gbce's calibration, 0 to 1 (.75)", &s->gbce_t},
      {"update", L4R_ARG_TEXT, "KIND",
       "of item tables by a sampled loss: dense, rows or by-size (by-size: rows from 10^5 items)",
       &s->update},
      {"pooling", L4R_ARG_TEXT, "KIND", "of text states: mean or last (mean)", &s->pooling},
      {"projection", L4R_ARG_FLAG, "", "D x D after pooling", &s->projection},
      {"readout", L4R_ARG_TEXT, "KIND", "of the user: last or mean (last)", &s->readout},
      {"tied", L4R_ARG_FLAG, "", "score with the item vectors", &s->tied},
      {"tied-scale", L4R_ARG_REAL, "X",
       "of scores by --tied (1 / sqrt(width): right for vectors that begin at 1)", &s->tied_scale},
      {"untied", L4R_ARG_FLAG, "", "an output layer apart from the token vectors", &s->untied},
      {"ids", L4R_ARG_TEXT, "SCHEME", "item ids: random, sequential or collaborative (sequential)",
       &s->ids},
      {"id-form", L4R_ARG_TEXT, "FORM",
       "digits, tokens or, collaborative, items: a last token of its own (digits; collaborative: "
       "tokens)",
       &s->id_form},
      {"clusters", L4R_ARG_INT, "N", "of a level of collaborative ids (20; below 400 items fewer)",
       &s->clusters},
      {"leaf", L4R_ARG_INT, "N",
       "items of a cluster that is not divided again (100; from 6,000 items on 500)", &s->leaf},
      {"whole-word", L4R_ARG_FLAG, "", "tokens of one item of the prompt share an added vector",
       &s->whole_word},
      {"prefixes", L4R_ARG_TEXT, "N|all",
       "drawn per user and epoch (lite 1, others by the data); not with causal attention",
       &s->prefixes},
      {"answers", L4R_ARG_INT, "N",
       "next items a prompt is answered with in training (3; p5-head 1; published: 1)",
       &s->answers},
      {"answer-form", L4R_ARG_TEXT, "FORM",
       "of several: apart, or sequence: each follows those before it (apart)", &s->answer_form},
      {"validation-users", L4R_ARG_INT, "N",
       "that an epoch is judged by; 0 all (lite, sasrec all, others 1,000)", &s->validation_users},
      {"norm", L4R_ARG_TEXT, "KIND", "itemknn: cosine or none (cosine)", &s->norm},
      {NULL, L4R_ARG_FLAG, NULL, NULL, NULL},
  };
  const char *kinds[L4R_KINDS + 1] = {0};
  char command[256];
  for (int k = 0; k < L4R_KINDS; k++) kinds[k] = l4r_kind_name((enum l4r_kind)k);
  const struct l4r_usage usage = {l4r_usage_command(command, sizeof command, "lite4rec train",
                                                    kinds, "--data FOLDER --out FOLDER"),
                                  summary, examples, arguments};
  struct l4r_argument_list positional = {0};
  int status = l4r_arguments_parse(&usage, argc, argv, &positional, helped);
  if (status || *helped) return status;
  if (positional.count != 1)
    return l4r_fail(L4R_USAGE, "say which kind of model to train: lite4rec train lite --data "
                               "FOLDER --out FOLDER (--help lists the kinds)");
  status = l4r_kind_parse(positional.value[0], &s->kind);
  if (!status) status = check_owners(arguments, s->kind);
  if (!status && (!s->data || !s->out)) status = l4r_fail(L4R_USAGE, "--data and --out are needed");
  return status;
}

int l4r_train_choice(const char *option, const char *text, const char *const *words, int otherwise,
                     int *choice) {
  char known[128] = "";
  *choice = otherwise;
  if (!text) return L4R_OK;
  for (int i = 0; words[i]; i++) {
    size_t used = strlen(known);
    l4r_text_add(known, sizeof known, &used, "%s%s", i ? ", " : "", words[i]);
    if (strcmp(text, words[i]) != 0) continue;
    *choice = i;
    return L4R_OK;
  }
  return l4r_fail(L4R_USAGE, "--%s is one of %s, not '%s'", option, known, text);
}

static int at_least(const char *option, double value, double least) {
  if (value == NOT_GIVEN || value >= least) return L4R_OK;
  return l4r_fail(L4R_USAGE, "--%s must be at least %g, not %g", option, least, value);
}

static int above_0(const char *option, double value, double most) {
  if (value == NOT_GIVEN || (value > 0 && value <= most)) return L4R_OK;
  return l4r_fail(L4R_USAGE, "--%s is above 0 and at most %g, not %g", option, most, value);
}

int l4r_train_settings_prefixes(const struct l4r_train_settings *s, int64_t *prefixes) {
  *prefixes = 0;
  if (!s->prefixes) return L4R_OK;
  if (strcmp(s->prefixes, "all") == 0) {
    *prefixes = -1;
    return L4R_OK;
  }
  if (l4r_parse_int(s->prefixes, prefixes) || *prefixes < 1)
    return l4r_fail(L4R_USAGE, "--prefixes is all or a number of 1 or more, not '%s'", s->prefixes);
  return L4R_OK;
}

static int check_ranges(const struct l4r_train_settings *s) {
  int status = at_least("history", (double)s->history, 1);
  if (!status) status = at_least("text-length", (double)s->text_length, 2);
  if (!status) status = at_least("batch", (double)s->batch, 1);
  if (!status) status = at_least("threads", (double)s->threads, 1);
  if (!status) status = at_least("epochs", (double)s->epochs, 0);
  if (!status) status = at_least("patience", (double)s->patience, 0);
  if (!status) status = at_least("seed", (double)s->seed, 0);
  if (!status) status = at_least("validation-users", (double)s->validation_users, 0);
  if (!status) status = at_least("answers", (double)s->answers, 1);
  if (!status) status = at_least("pieces", (double)s->pieces, 100);
  if (!status) status = at_least("clusters", (double)s->clusters, 2);
  if (!status) status = at_least("leaf", (double)s->leaf, 2);
  if (!status) status = at_least("item-share", s->item_share, 0);
  if (!status) status = at_least("minutes", s->minutes, 0);
  if (!status) status = above_0("embedding-deviation", s->embedding_deviation, 100);
  if (!status) status = above_0("embedding-rate", s->embedding_rate, 1000);
  if (!status) status = at_least("dropout", s->dropout, 0);
  if (!status && s->dropout >= 1)
    status = l4r_fail(L4R_USAGE, "--dropout is a share of 0 to below 1, not %g", s->dropout);
  return status;
}

static int choose(const struct l4r_train_settings *s, struct l4r_model_config *c) {
  static const char *const poolings[] = {"mean", "last", NULL},
                           *const readouts[] = {"last", "mean", NULL},
                           *const inputs[] = {"text", "id", "text+id", NULL},
                           *const attentions[] = {"causal", "bidirectional", NULL};
  int pooling, readout, input, scheme, form, attention;
  int status = l4r_train_choice("pooling", s->pooling, poolings, (int)c->pooling, &pooling);
  if (!status) status = l4r_train_choice("readout", s->readout, readouts, c->readout, &readout);
  if (!status) status = l4r_train_choice("items", s->items, inputs, c->items_input, &input);
  if (!status) status = l4r_train_choice("ids", s->ids, l4r_id_scheme_names, c->id_scheme, &scheme);
  const int otherwise = !status && scheme == L4R_IDS_COLLABORATIVE ? L4R_IDS_TOKENS : c->id_form;
  if (!status)
    status = l4r_train_choice("id-form", s->id_form, l4r_id_form_names, otherwise, &form);
  if (!status)
    status = l4r_train_choice("attention", s->attention, attentions, !c->rec_llm.causal,
                              &attention);
  if (status) return status;
  if (scheme != L4R_IDS_COLLABORATIVE && (s->clusters != NOT_GIVEN || s->leaf != NOT_GIVEN))
    return l4r_fail(L4R_USAGE, "--clusters and --leaf are of --ids collaborative");
  if (scheme != L4R_IDS_COLLABORATIVE && form == L4R_IDS_ITEMS)
    return l4r_fail(L4R_USAGE, "--id-form items is of --ids collaborative: a number of one token "
                               "would make the beam a head");
  if (s->tied_scale != NOT_GIVEN && !(s->tied && s->tied_scale > 0))
    return l4r_fail(L4R_USAGE, "--tied-scale is above 0 and goes with --tied");
  if (s->untied && s->init)
    return l4r_fail(L4R_USAGE, "--untied and --init exclude each other: the folder says which "
                               "output layer it has");
  c->pooling = (enum l4r_pooling)pooling;
  c->readout = (enum l4r_readout_kind)readout;
  c->items_input = (enum l4r_items_input)input;
  c->id_scheme = (enum l4r_id_scheme)scheme;
  c->id_form = (enum l4r_id_form)form;
  c->rec_llm.causal = !attention;
  if (s->untied) c->p5.tied = c->rec_llm.tied = 0;
  return L4R_OK;
}

int l4r_train_settings_config(const struct l4r_train_settings *s, struct l4r_model_config *c) {
  int status = l4r_config_defaults(s->kind, s->size ? s->size : "mini", c);
  if (!status) status = check_ranges(s);
  if (!status) status = choose(s, c);
  if (status) return status;
  if (s->history != NOT_GIVEN) c->history = s->history;
  if (c->rec_llm.block == L4R_BLOCK_SASREC) c->rec_llm.positions = c->history;
  if (s->text_length != NOT_GIVEN) c->text_length = s->text_length;
  if (s->dropout != NOT_GIVEN) c->dropout = s->dropout;
  if (s->embedding_deviation != NOT_GIVEN) c->embedding_deviation = s->embedding_deviation;
  if (s->tied_scale != NOT_GIVEN) c->tied_scale = s->tied_scale;
  c->projection = s->projection;
  if (s->kind != L4R_KIND_SASREC) c->tied_head = s->tied;
  c->whole_word = s->whole_word;
  return L4R_OK;
}

/* Minutes by default: what the README promises for each kind. */
static double default_minutes(const struct l4r_train_settings *s) {
  if (s->size && strcmp(s->size, "tiny") == 0) return 1.0 / 3;
  return s->kind == L4R_KIND_LITE ? 40 : 60;
}

int l4r_train_settings_options(const struct l4r_train_settings *s, struct l4r_train_options *o) {
  static const char *const schedules[] = {"constant", "linear", "cosine", NULL};
  enum { FP32, BF16, AUTO };
  static const char *const precisions[] = {[FP32] = "fp32", [BF16] = "bf16", [AUTO] = "auto", NULL};
  int schedule, precision;
  l4r_train_defaults(o);
  const int sasrec = s->kind == L4R_KIND_SASREC; /* Adam at one rate, without decay: as published */
  int status = l4r_train_choice("schedule", s->schedule, schedules,
                                sasrec ? L4R_SCHEDULE_CONSTANT : L4R_SCHEDULE_COSINE, &schedule);
  if (status) return status;
  o->schedule = (enum l4r_schedule)schedule;
  status = l4r_train_choice("precision", s->precision, precisions, FP32, &precision);
  if (status) return status;
  o->bf16 = precision == BF16 || (precision == AUTO && l4r_layers_have_bf16());
  if (o->bf16 && !l4r_layers_have_bf16())
    return l4r_fail(L4R_ENVIRONMENT, "--precision bf16 needs a processor with AVX512-BF16, which "
                                     "this one lacks; --precision auto trains in fp32 there");
  o->epochs = s->epochs;
  o->minutes = s->minutes == NOT_GIVEN ? default_minutes(s) : s->minutes;
  /* A sampled beam-search validation is noisy: the reference run's best epochs came 23 after the
   * one before it. */
  const int64_t patience = s->kind == L4R_KIND_LITE || sasrec ? 10 : 40;
  o->patience = s->patience == NOT_GIVEN ? patience : s->patience;
  if (s->seed != NOT_GIVEN) o->seed = (uint64_t)s->seed;
  /* Embeddings start with deviation 1, so a smaller step takes Lite's texts long to move. */
  if (s->kind == L4R_KIND_LITE) o->learning_rate = 3e-3;
  if (sasrec) o->weight_decay = 0;
  if (s->rate != NOT_GIVEN) o->learning_rate = s->rate;
  if (s->warmup != NOT_GIVEN) o->warmup = s->warmup;
  if (s->decay != NOT_GIVEN) o->weight_decay = s->decay;
  if (s->clip != NOT_GIVEN) o->clip = s->clip;
  if (s->embedding_rate != NOT_GIVEN) o->embedding_rate = s->embedding_rate;
  o->resume = s->resume;
  o->out = s->out;
  return L4R_OK;
}
