/* SPDX-License-Identifier: BSD-3-Clause */
/* The options of `lite4rec train`, one row each for all kinds of models: an option that a kind has
 * no use for is refused by name, so that nobody believes it did something. */
#include "bench/commands/train_settings.h"

#include "impl/base/error.h"

#include <string.h>

enum { /* sets of kinds */
       LITE = 1 << L4R_KIND_LITE,
       LITE_BEAM = 1 << L4R_KIND_LITE_BEAM,
       P5 = 1 << L4R_KIND_P5,
       P5_HEAD = 1 << L4R_KIND_P5_HEAD,
       SASREC = 1 << L4R_KIND_SASREC,
       KNN = 1 << L4R_KIND_ITEMKNN,
       VECTORS = LITE | LITE_BEAM,
       IDS = P5 | P5_HEAD | LITE_BEAM,
       TEXTS = VECTORS | IDS,
       TRAINED = TEXTS | SASREC,
};

static const char *const
    schedules[] = {"constant", "linear", "cosine", NULL},
    *const precisions[] = {"fp32", "bf16", "auto", NULL}, *const parts[] = {"both", "item", NULL},
    *const attentions[] = {"causal", "bidirectional", NULL},
    *const inputs[] = {"text", "id", "text+id", NULL},
    *const losses[] = {"cross-entropy", "sampled-softmax", "gbce", NULL},
    *const updates[] = {"by-size", "dense", "rows", NULL},
    *const poolings[] = {"mean", "last", NULL}, *const readouts[] = {"last", "mean", NULL},
    *const answer_forms[] = {"apart", "sequence", NULL}, *const norms[] = {"none", "cosine", NULL};

#define AT(member) .offset = offsetof(struct l4r_train_settings, member)
static const struct l4r_argument arguments[] = {
    {"data", L4R_ARG_TEXT, "FOLDER", "data set", AT(data), .is_needed = 1},
    {"out", L4R_ARG_TEXT, "FOLDER", "model folder to write", AT(out), .is_needed = 1},
    {"force", L4R_ARG_FLAG, NULL, "replace the model in --out once the new one is complete",
     AT(force)},
    {"leaky", L4R_ARG_FLAG, NULL,
     "train although the training part holds held-out items; config.json records it", AT(leaky)},
    {"resume", L4R_ARG_FLAG, NULL, "continue from the checkpoint in --out", AT(resume),
     .kinds = TRAINED},
    {"size", L4R_ARG_TEXT, "tiny|mini|base|t5-small", "size of the model; sasrec has no t5-small",
     AT(size), .shown = "mini; with --init the size in its folder", .kinds = TRAINED},
    {"seed", L4R_ARG_INT, "N", "random seed of weights, order and dropout", AT(seed), .preset = "1",
     .range = L4R_AT_LEAST(0), .kinds = TRAINED},
    {"minutes", L4R_ARG_REAL, "N",
     "stop after this wall time; without it a model of size tiny stops after 20 seconds",
     AT(minutes), .preset = "60", .by_kind = {{LITE, "40"}}, .range = L4R_AT_LEAST(0),
     .kinds = TRAINED},
    {"epochs", L4R_ARG_INT, "N", "stop after this many epochs; 0 writes random weights", AT(epochs),
     .shown = "no bound", .range = L4R_AT_LEAST(0), .kinds = TRAINED},
    {"patience", L4R_ARG_INT, "N",
     "stop after this many epochs without a better validation; 0 never stops", AT(patience),
     .preset = "40", .by_kind = {{LITE | SASREC, "10"}}, .range = L4R_AT_LEAST(0),
     .kinds = TRAINED},
    {"threads", L4R_ARG_INT, "N", "number of threads", AT(threads),
     .shown = "all processors that may be used", .range = L4R_AT_LEAST(1), .kinds = TRAINED},
    {"batch", L4R_ARG_INT, "N", "number of sequences in a step", AT(batch),
     .shown = "by the size of the data; sasrec 128", .range = L4R_AT_LEAST(1), .kinds = TRAINED},
    {"lr", L4R_ARG_REAL, "X", "learning rate", AT(rate), .preset = "1e-3",
     .by_kind = {{LITE, "3e-3"}}, .kinds = TRAINED},
    {"warmup", L4R_ARG_REAL, "STEPS", "number of steps in which the learning rate rises linearly",
     AT(warmup), .preset = "100", .kinds = TRAINED},
    {"schedule", L4R_ARG_CHOICE, NULL, "course of the learning rate after the warm-up",
     AT(schedule), .choices = schedules, .preset = "cosine", .by_kind = {{SASREC, "constant"}},
     .kinds = TRAINED},
    {"precision", L4R_ARG_CHOICE, NULL,
     "precision of products, while sums and weights are fp32; auto is bf16 where the processor "
     "has it",
     AT(precision), .choices = precisions, .preset = "fp32", .kinds = TRAINED},
    {"dropout", L4R_ARG_REAL, "P", "dropout rate", AT(dropout), .preset = "0.2",
     .by_kind = {{P5 | P5_HEAD, "0.1"}}, .range = {0, 1, 2}, .kinds = TRAINED},
    {"embedding-deviation", L4R_ARG_REAL, "X",
     "standard deviation of token and item vectors at the start", AT(embedding_deviation),
     .shown = "1, as in T5; sasrec 0.02", .range = {0, 100, 1}, .kinds = TRAINED},
    {"embedding-rate", L4R_ARG_REAL, "X",
     "learning rate of token and item vectors, as a multiple of --lr", AT(embedding_rate),
     .preset = "1", .range = {0, 1000, 1}, .kinds = TRAINED},
    {"decay", L4R_ARG_REAL, "X", "weight decay", AT(decay), .preset = "0.01",
     .by_kind = {{SASREC, "0"}}, .kinds = TRAINED},
    {"clip", L4R_ARG_REAL, "X", "bound of the global gradient norm; 0 sets none", AT(clip),
     .preset = "1", .kinds = TRAINED},
    {"history", L4R_ARG_INT, "N", "number of interactions that a model sees", AT(history),
     .preset = "50", .by_kind = {{P5 | P5_HEAD, "20"}, {SASREC, "200"}}, .range = L4R_AT_LEAST(1),
     .kinds = TRAINED},
    {"validation-users", L4R_ARG_INT, "N", "number of users that judge an epoch; 0 takes all",
     AT(validation_users), .preset = "1000", .by_kind = {{LITE | SASREC, "0"}},
     .range = L4R_AT_LEAST(0), .kinds = TRAINED},
    {"tokenizer", L4R_ARG_TEXT, "FILE", "SentencePiece model to use", AT(tokenizer),
     .shown = "one is trained on the item texts; with --init its spiece.model", .kinds = TEXTS},
    {"pieces", L4R_ARG_INT, "N", "vocabulary size limit of a newly trained tokenizer", AT(pieces),
     .shown = "4000; 500 if item ids have their own tokens", .range = L4R_AT_LEAST(100),
     .kinds = TEXTS},
    {"init", L4R_ARG_TEXT, "FOLDER", "start from the weights of this Hugging Face T5", AT(init),
     .shown = "random weights", .kinds = TEXTS},
    {"init-part", L4R_ARG_CHOICE, NULL, "what starts from --init: both LLMs, or the Item LLM alone",
     AT(init_part), .choices = parts, .preset = "both", .kinds = VECTORS},
    {"prefixes", L4R_ARG_INT, "N",
     "number of prefixes drawn per user and epoch; not with causal attention", AT(prefixes),
     .shown = "lite 1, others by the size of the data", .word = "all", .word_is = -1,
     .range = L4R_AT_LEAST(1), .kinds = TEXTS},
    {"attention", L4R_ARG_CHOICE, NULL, "attention between the items of a history", AT(attention),
     .choices = attentions, .preset = "causal", .kinds = VECTORS},
    {"items", L4R_ARG_CHOICE, NULL,
     "what the vector of an item is made of: its text, a learned vector of its id, or both",
     AT(items), .choices = inputs, .preset = "text", .kinds = VECTORS},
    {"text-length", L4R_ARG_INT, "N", "number of tokens kept of an item's text", AT(text_length),
     .preset = "64", .range = L4R_AT_LEAST(2), .kinds = VECTORS},
    {"pooling", L4R_ARG_CHOICE, NULL, "how the states of a text become one vector", AT(pooling),
     .choices = poolings, .preset = "mean", .kinds = VECTORS},
    {"projection", L4R_ARG_FLAG, NULL, "multiply pooled vectors by a learned D x D matrix",
     AT(projection), .kinds = VECTORS},
    {"item-share", L4R_ARG_REAL, "X", "share of a step's distinct items that are encoded anew",
     AT(item_share), .preset = "1", .range = {0, 1, 0}, .kinds = LITE},
    {"readout", L4R_ARG_CHOICE, NULL,
     "which states of a history become the user's vector: the last one, or the mean of all",
     AT(readout), .choices = readouts, .preset = "last", .kinds = LITE},
    {"tied", L4R_ARG_FLAG, NULL, "score with the item vectors instead of a head of their own",
     AT(tied), .kinds = LITE},
    {"tied-scale", L4R_ARG_REAL, "X", "factor of the scores with --tied", AT(tied_scale),
     .shown = "1 / sqrt(width), which suits vectors that start with deviation 1",
     .range = {0, INFINITY, 1}, .kinds = LITE},
    {"untied", L4R_ARG_FLAG, NULL, "use an output layer separate from the token vectors",
     AT(untied), .kinds = P5 | LITE_BEAM},
    {"loss", L4R_ARG_CHOICE, NULL,
     "loss: cross-entropy over all items, or one of two losses over a sample of them", AT(loss),
     .choices = losses, .preset = "cross-entropy", .kinds = LITE | SASREC},
    {"negatives", L4R_ARG_INT, "N",
     "number of items that a sampled loss draws for each 2048 positions", AT(negatives),
     .preset = "256", .range = L4R_AT_LEAST(1), .kinds = LITE | SASREC},
    {"gbce-t", L4R_ARG_REAL, "T", "calibration of gbce, from 0 to 1", AT(gbce_t), .preset = "0.75",
     .range = {0, 1, 0}, .kinds = LITE | SASREC},
    {"update", L4R_ARG_CHOICE, NULL,
     "what a step of a sampled loss updates of item tables: all rows (dense), the rows that it "
     "used, or rows from 100,000 items on (by-size)",
     AT(update), .choices = updates, .preset = "by-size", .kinds = LITE | SASREC},
    {"ids", L4R_ARG_CHOICE, NULL, "how item ids are chosen", AT(ids),
     .choices = l4r_id_scheme_names, .preset = "sequential", .kinds = IDS},
    {"id-form", L4R_ARG_CHOICE, NULL,
     "how item ids become tokens: digits, tokens (one per level), or items (as tokens, with a "
     "unique last token; needs --ids collaborative)",
     AT(id_form), .choices = l4r_id_form_names, .shown = "digits; with --ids collaborative tokens",
     .kinds = IDS},
    {"clusters", L4R_ARG_INT, "N", "number of clusters in a level of collaborative ids",
     AT(clusters), .shown = "20, and fewer below 400 items", .range = {2, 1000, 0}, .kinds = IDS},
    {"leaf", L4R_ARG_INT, "N", "largest cluster that is not divided again", AT(leaf),
     .shown = "100 items; 500 from 6000 items on", .range = L4R_AT_LEAST(2), .kinds = IDS},
    {"whole-word", L4R_ARG_FLAG, NULL,
     "add a learned vector that the tokens of one item in the prompt share", AT(whole_word),
     .kinds = P5 | P5_HEAD},
    {"answers", L4R_ARG_INT, "N",
     "number of next items that a prompt is trained to answer with; published: 1", AT(answers),
     .preset = "3", .by_kind = {{P5_HEAD, "1"}}, .range = L4R_AT_LEAST(1), .kinds = IDS},
    {"answer-form", L4R_ARG_CHOICE, NULL,
     "with several target items per prompt: train each on its own (apart), or as one sequence in "
     "which each item follows the previous ones",
     AT(answer_form), .choices = answer_forms, .preset = "apart", .kinds = IDS},
    {"norm", L4R_ARG_CHOICE, NULL, "normalisation of co-occurrence counts", AT(norm),
     .choices = norms, .preset = "cosine", .kinds = KNN},
    {0},
};

static int kind_word(int i, struct l4r_kind_word *word) {
  static const char *const about[L4R_KINDS] = {
      [L4R_KIND_LITE] = "item vectors in, a projection over all items out (Lite-LLM4Rec)",
      [L4R_KIND_P5] = "prompt tokens in, the item id generated by beam search (P5)",
      [L4R_KIND_P5_HEAD] = "prompt tokens in, a projection over all items out",
      [L4R_KIND_LITE_BEAM] = "item vectors in, the item id generated by beam search",
      [L4R_KIND_SASREC] = "item embeddings in, scores with the same embeddings out",
      [L4R_KIND_POP] = "counts: popularity in the training part",
      [L4R_KIND_MARKOV] = "counts: adjacent pairs of items",
      [L4R_KIND_ITEMKNN] = "counts: item k-nearest-neighbours",
  };
  if (i >= L4R_KINDS) return 0;
  *word = (struct l4r_kind_word){l4r_kind_name((enum l4r_kind)i), about[i]};
  return 1;
}

const struct l4r_usage l4r_usage_train = {
    .command = "train",
    .kinds = kind_word,
    .kind_of = "models of kind",
    .usual = TRAINED,
    .summary =
        "Trains a model and writes its folder. Kinds that are trained learn by cross-entropy. lite "
        "and sasrec take the loss over the "
        "whole catalogue or over a sample of it (--loss). Ctrl-C leaves a checkpoint that "
        "--resume continues bit for bit.\n"
        "A model that is in --out stays whole and usable until the new one is complete: --force "
        "trains in OUT.training beside it, and the two are exchanged at the end.",
    .examples = "  lite4rec train pop  --data data/ml-1m --out models/pop\n"
                "  lite4rec train lite --data data/ml-1m --size mini --out models/lite\n"
                "  lite4rec train sasrec --data data/ml-1m --out models/sasrec\n"
                "  lite4rec train lite --data data/ml-1m --size t5-small --epochs 0 \\\n"
                "    --out models/random\n"
                "  lite4rec train lite --data data/ml-1m --init t5-small --out models/lite-t5\n"
                "  lite4rec train p5   --data data/ml-1m --size mini --minutes 90 --resume \\\n"
                "    --out models/p5\n",
    .arguments = arguments};

int l4r_train_given(const struct l4r_train_settings *settings, const char *name) {
  return l4r_argument_given(&l4r_usage_train, &settings->parsed, name);
}

int l4r_train_settings_parse(int argc, char **argv, struct l4r_train_settings *s, int *helped) {
  *s = (struct l4r_train_settings){.epochs = -1};
  int status = l4r_arguments_parse(&l4r_usage_train, argc, argv, s, &s->parsed);
  *helped = s->parsed.helped;
  if (status || *helped) return status;
  if (!s->parsed.words.count)
    return l4r_fail(L4R_USAGE, "say which kind of model to train: lite4rec train lite --data "
                               "FOLDER --out FOLDER (--help lists the kinds)");
  return l4r_kind_parse(s->parsed.words.value[0], &s->kind);
}
