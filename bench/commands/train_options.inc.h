/* SPDX-License-Identifier: BSD-3-Clause */
/* The options of `lite4rec train`, one row each for all kinds of models: a row makes the option
 * (bench/cli/options.h) and the member of struct l4r_train_settings, so a new option is a new row
 * here, and the code that uses it.
 *
 *   OPTION(KIND, member, "name", "META" or NULL, "what it is for", ...)
 *
 * KIND is that of enum l4r_argument_type; behind the help stands what a row of options may hold
 * besides. A choice is a number of the enum that the option sets, so choices stand in its order. An
 * option that a kind of model has no use for (.kinds) is refused by name, so that nobody believes
 * that it did something. */
/* clang-format off */
OPTION(TEXT, data, "data", "FOLDER", "data set",
  .is_needed = 1)
OPTION(TEXT, out, "out", "FOLDER", "model folder to write",
  .is_needed = 1)
OPTION(FLAG, force, "force", NULL, "replace the model in --out once the new one is complete")
OPTION(FLAG, leaky, "leaky", NULL,
  "train although the training part holds held-out items; config.json records it")
OPTION(FLAG, resume, "resume", NULL, "continue from the checkpoint in --out",
  .kinds = TRAINED)
OPTION(CHOICE, preset, "preset", NULL,
  "settings that go together, under what else is given: best, those that validation chose; paper, "
  "the paper's model (lite: texts alone, attention both ways, a free head; sasrec: the published "
  "settings); plain, the defaults listed here",
  L4R_CHOICES("best", "paper", "plain"), .preset = "plain",
  .shown = "best; with --size, --items or --init plain", .kinds = LITE | SASREC)
OPTION(TEXT, size, "size", "tiny|mini|base|t5-small", "size of the model; sasrec has no t5-small",
  .shown = "mini; with --init the size in its folder", .kinds = TRAINED)
OPTION(INT, width, "width", "D", "width of item vectors and states",
  .shown = "by --size", .range = {1, 65536, 0}, .kinds = LITE | SASREC)
OPTION(INT, blocks, "blocks", "N", "number of blocks of the Recommendation LLM",
  .shown = "by --size", .range = {1, 256, 0}, .kinds = LITE | SASREC)
OPTION(INT, heads, "heads", "N", "number of heads in a block, which share the width",
  .shown = "by --size", .range = {1, 4096, 0}, .kinds = LITE | SASREC)
OPTION(INT, feed, "feed", "F", "width inside a block's feed-forward layer",
  .shown = "by --size, in proportion to --width", .range = {1, 1048576, 0}, .kinds = LITE | SASREC)
OPTION(CHOICE, gates, "gates", NULL,
  "gates of the Recommendation LLM: ligr multiplies what a layer adds to its input by a sigmoid of "
  "that input",
  L4R_CHOICES("none", "ligr"), .preset = "none", .kinds = LITE | SASREC)
OPTION(CHOICE, activation, "activation", NULL,
  "activation of the Recommendation LLM's feed-forward layers; swiglu multiplies silu of one product "
  "by another",
  L4R_CHOICES("relu", "swiglu"), .preset = "relu", .kinds = LITE | SASREC)
OPTION(INT, seed, "seed", "N", "random seed of weights, order and dropout",
  .preset = "1", .range = L4R_AT_LEAST(0), .kinds = TRAINED)
OPTION(REAL, minutes, "minutes", "N",
  "stop after this wall time; without it a model of size tiny stops after 20 seconds",
  .preset = "60", .by_kind = {{LITE, "40"}}, .range = L4R_AT_LEAST(0), .kinds = TRAINED)
OPTION(INT, epochs, "epochs", "N", "stop after this many epochs; 0 writes random weights",
  .shown = "no bound", .range = L4R_AT_LEAST(0), .kinds = TRAINED)
OPTION(INT, patience, "patience", "N",
  "stop after this many epochs without a better validation; 0 never stops",
  .preset = "40", .by_kind = {{LITE | SASREC, "10"}}, .range = L4R_AT_LEAST(0), .kinds = TRAINED)
OPTION(INT, threads, "threads", "N", "number of threads; of several ranks, of each",
  .shown = "all processors that may be used, shared out among the ranks of a host", .range = L4R_AT_LEAST(1), .kinds = TRAINED)
OPTION(CHOICE, wire, "wire", NULL,
  "form in which gradients travel between the ranks that mpirun or srun begins: bf16 halves the "
  "bytes and rounds them",
  L4R_CHOICES("fp32", "bf16"), .preset = "fp32", .kinds = TRAINED)
OPTION(INT, batch, "batch", "N", "number of sequences in a step, of all ranks together",
  .shown = "by the size of the data; sasrec 128", .range = L4R_AT_LEAST(1), .kinds = TRAINED)
OPTION(REAL, rate, "lr", "X", "learning rate",
  .preset = "1e-3", .by_kind = {{LITE, "3e-3"}}, .kinds = TRAINED)
OPTION(REAL, warmup, "warmup", "STEPS",
  "number of steps in which the learning rate rises linearly, or below 1 their share of the "
  "training",
  .preset = "100", .kinds = TRAINED)
OPTION(CHOICE, schedule, "schedule", NULL, "course of the learning rate after the warm-up",
  L4R_CHOICES("constant", "linear", "cosine"), .preset = "cosine",
  .by_kind = {{SASREC, "constant"}}, .kinds = TRAINED)
OPTION(CHOICE, precision, "precision", NULL,
  "precision of products, while sums and weights are fp32; auto is bf16 where that was "
  "measured to be faster",
  L4R_CHOICES("fp32", "bf16", "auto"), .preset = "fp32", .kinds = TRAINED)
OPTION(TEXT, isa, "isa", "NAME",
  "set of instructions to train by: portable, avx2, avx512, amx or neon",
  .shown = "auto, the widest of this processor", .kinds = TRAINED)
OPTION(REAL, dropout, "dropout", "P", "dropout rate",
  .preset = "0.2", .by_kind = {{P5 | P5_HEAD, "0.1"}}, .range = {0, 1, 2}, .kinds = TRAINED)
OPTION(REAL, embedding_deviation, "embedding-deviation", "X",
  "standard deviation of token and item vectors at the start",
  .shown = "1, as in T5; sasrec 0.02", .range = {0, 100, 1}, .kinds = TRAINED)
OPTION(REAL, embedding_rate, "embedding-rate", "X",
  "learning rate of token and item vectors, as a multiple of --lr",
  .preset = "1", .range = {0, 1000, 1}, .kinds = TRAINED)
OPTION(REAL, decay, "decay", "X", "weight decay",
  .preset = "0.01", .by_kind = {{SASREC, "0"}}, .kinds = TRAINED)
OPTION(REAL, clip, "clip", "X", "bound of the global gradient norm; 0 sets none",
  .preset = "1", .kinds = TRAINED)
OPTION(INT, history, "history", "N", "number of interactions that a model sees",
  .preset = "50", .by_kind = {{P5 | P5_HEAD, "20"}, {SASREC, "200"}}, .range = L4R_AT_LEAST(1),
  .kinds = TRAINED)
OPTION(INT, validation_users, "validation-users", "N",
  "number of users that judge an epoch; 0 takes all",
  .preset = "1000", .by_kind = {{LITE | SASREC, "0"}}, .range = L4R_AT_LEAST(0),
  .kinds = TRAINED)
OPTION(TEXT, tokenizer, "tokenizer", "FILE", "SentencePiece model to use",
  .shown = "one is trained on the item texts; with --init its spiece.model", .kinds = TEXTS)
OPTION(INT, pieces, "pieces", "N", "vocabulary size limit of a newly trained tokenizer",
  .shown = "4000; 500 if item ids have their own tokens, 1000 with --prompt openp5", .range = L4R_AT_LEAST(100),
  .kinds = TEXTS)
OPTION(TEXT, init, "init", "FOLDER", "start from the weights of this Hugging Face T5",
  .shown = "random weights", .kinds = TEXTS)
OPTION(CHOICE, init_part, "init-part", NULL,
  "what starts from --init: both LLMs, or the Item LLM alone",
  L4R_CHOICES("both", "item"), .preset = "both", .kinds = VECTORS)
OPTION(TEXT, init_item, "init-item", "FOLDER",
  "take this Hugging Face encoder as Item LLM: a sentence encoder of the BERT family (MiniLM, BGE, "
  "E5) or a T5; its vectors of texts become item vectors through an adapter. With --ids semantic "
  "they become item ids",
  .kinds = LITE | IDS)
OPTION(CHOICE, item_llm, "item-llm", NULL,
  "what happens to the encoder of --init-item: it stays as it is (its vectors are computed once), "
  "or it learns too",
  L4R_CHOICES("frozen", "tuned"), .preset = "frozen", .kinds = LITE)
OPTION(CHOICE, adapter, "adapter", NULL,
  "learned layers behind the encoder of --init-item: one, or two with GELU between them",
  L4R_CHOICES("linear", "two-layer"), .preset = "two-layer", .kinds = LITE)
OPTION(CHOICE, whiten, "whiten", NULL,
  "centre and whiten the vectors of --init-item, by the data set's own items",
  L4R_CHOICES("off", "on"), .preset = "on", .kinds = LITE)
OPTION(REAL, item_rate, "item-rate", "X",
  "learning rate of the encoder with --item-llm tuned, as a multiple of --lr",
  .preset = "0.01", .range = {0, 1000, 1}, .kinds = LITE)
OPTION(INT, prefixes, "prefixes", "N",
  "number of prefixes drawn per user and epoch; not with causal attention",
  .shown = "lite 1, others by the size of the data", .word = "all", .word_is = -1,
  .range = L4R_AT_LEAST(1), .kinds = TEXTS)
OPTION(CHOICE, attention, "attention", NULL, "attention between the items of a history",
  L4R_CHOICES("causal", "bidirectional"), .preset = "causal", .kinds = VECTORS)
OPTION(CHOICE, items, "items", NULL,
  "what the vector of an item is made of: its text, a learned vector of its id, or both",
  L4R_CHOICES("text", "id", "text+id"), .preset = "text", .kinds = VECTORS)
OPTION(INT, text_length, "text-length", "N", "number of tokens kept of an item's text",
  .preset = "64", .range = L4R_AT_LEAST(2), .kinds = TEXTS)
OPTION(CHOICE, pooling, "pooling", NULL, "how the states of a text become one vector",
  L4R_CHOICES("mean", "last", "first"), .shown = "mean; with --init-item as its folder says",
  .kinds = VECTORS)
OPTION(FLAG, projection, "projection", NULL, "multiply pooled vectors by a learned D x D matrix",
  .kinds = VECTORS)
OPTION(REAL, item_share, "item-share", "X",
  "share of a step's distinct items that are encoded anew",
  .preset = "1", .range = {0, 1, 0}, .kinds = LITE)
OPTION(CHOICE, readout, "readout", NULL,
  "which states of a history become the user's vector: the last one, or the mean of all",
  L4R_CHOICES("last", "mean"), .preset = "last", .kinds = LITE)
OPTION(FLAG, tied, "tied", NULL, "score with the item vectors instead of a head of their own",
  .kinds = LITE)
OPTION(REAL, tied_scale, "tied-scale", "X", "factor of the scores with --tied",
  .shown = "1 / sqrt(width), which suits vectors that start with deviation 1",
  .range = {0, INFINITY, 1}, .kinds = LITE)
OPTION(CHOICE, scores, "scores", NULL,
  "scores of items with a tied head: dot products, or cosines divided by --temperature",
  L4R_CHOICES("dot", "cosine"), .preset = "dot", .kinds = LITE | SASREC)
OPTION(REAL, temperature, "temperature", "X", "what cosine scores are divided by",
  .preset = "0.05", .range = {0, 1000, 1}, .kinds = LITE | SASREC)
OPTION(FLAG, untied, "untied", NULL, "use an output layer separate from the token vectors",
  .kinds = P5 | LITE_BEAM)
OPTION(CHOICE, loss, "loss", NULL,
  "loss: cross-entropy over all items, or one of two losses over a sample of them",
  L4R_CHOICES("cross-entropy", "sampled-softmax", "gbce"), .preset = "cross-entropy",
  .kinds = LITE | SASREC)
OPTION(INT, negatives, "negatives", "N",
  "number of items that a sampled loss draws",
  .preset = "256", .range = L4R_AT_LEAST(1), .kinds = LITE | SASREC)
OPTION(CHOICE, sample, "sample", NULL,
  "who shares a sample: the up to 2048 positions of a piece, or none, each position drawing its own",
  L4R_CHOICES("piece", "position"), .preset = "piece", .kinds = LITE | SASREC)
OPTION(CHOICE, correction, "correction", NULL,
  "log-Q correction of sampled-softmax: on estimates the loss over all items, off lets the target "
  "compete with the sample alone",
  L4R_CHOICES("on", "off"), .preset = "on", .kinds = LITE | SASREC)
OPTION(REAL, gbce_t, "gbce-t", "T", "calibration of gbce, from 0 to 1",
  .preset = "0.75", .range = {0, 1, 0}, .kinds = LITE | SASREC)
OPTION(CHOICE, update, "update", NULL,
  "what a step of a sampled loss updates of item tables: all rows (dense), the rows that it "
  "used, or rows from 100,000 items on (by-size)",
  L4R_CHOICES("by-size", "dense", "rows"), .preset = "by-size", .kinds = LITE | SASREC)
OPTION(FLAG, shard_items, "shard-items", NULL,
  "divide the table of item ids, its gradients and its moments among the ranks that mpirun or srun "
  "begins, so that a table of several memories trains; for sampled losses with --sample piece and "
  "--update rows, and for lite with --items id --tied",
  .kinds = LITE | SASREC)
OPTION(CHOICE, ids, "ids", NULL,
  "how item ids are chosen: numbers, at random or by first appearance; paths in a tree of items "
  "with common users; or codes of what the encoder of --init-item says of their texts (TIGER)",
  .choices = l4r_id_scheme_names, .preset = "sequential", .kinds = IDS)
OPTION(CHOICE, id_form, "id-form", NULL,
  "how item ids become tokens: digits, tokens (one per level), or items (as tokens, with a "
  "unique last token; needs --ids collaborative)",
  .choices = l4r_id_form_names, .shown = "digits; with --ids collaborative and semantic tokens",
  .kinds = IDS)
OPTION(INT, clusters, "clusters", "N", "number of clusters in a level of collaborative ids",
  .shown = "20, and fewer below 400 items", .range = {2, 1000, 0}, .kinds = IDS)
OPTION(INT, leaf, "leaf", "N", "largest cluster that is not divided again",
  .shown = "100 items; 500 from 6000 items on", .range = L4R_AT_LEAST(2), .kinds = IDS)
OPTION(INT, semantic_levels, "semantic-levels", "N",
  "number of codes in a semantic id, before the token that tells items of the same codes apart",
  .shown = "3", .range = {1, 8, 0}, .kinds = IDS)
OPTION(INT, semantic_codes, "semantic-codes", "N", "number of codes to choose from at each level",
  .shown = "256", .range = {2, 4096, 0}, .kinds = IDS)
OPTION(INT, semantic_width, "semantic-width", "N",
  "number of principal components of the encoder's vectors that semantic ids are made of",
  .shown = "32", .range = L4R_AT_LEAST(1), .kinds = IDS)
OPTION(CHOICE, prompt, "prompt", NULL,
  "how prompts are worded: short, in few words; openp5, with what OpenP5's prompts and answers say, "
  "in about as many tokens",
  .choices = l4r_prompt_style_names, .preset = "short", .kinds = P5)
OPTION(FLAG, whole_word, "whole-word", NULL,
  "add a learned vector that the tokens of one item in the prompt share",
  .kinds = P5 | P5_HEAD)
OPTION(INT, answers, "answers", "N",
  "number of next items that a prompt is trained to answer with; published: 1",
  .preset = "3", .by_kind = {{P5_HEAD, "1"}}, .range = L4R_AT_LEAST(1), .kinds = IDS)
OPTION(CHOICE, answer_form, "answer-form", NULL,
  "with several target items per prompt: train each on its own (apart), or as one sequence in "
  "which each item follows the previous ones",
  L4R_CHOICES("apart", "sequence"), .preset = "apart", .kinds = IDS)
OPTION(CHOICE, norm, "norm", NULL, "normalisation of co-occurrence counts",
  L4R_CHOICES("none", "cosine"), .preset = "cosine", .kinds = KNN)
#undef OPTION
