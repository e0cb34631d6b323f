/* SPDX-License-Identifier: BSD-3-Clause */
/* Internal to the beam server: server_open.c opens it, server.c serves, cost.c states the costs. */
#ifndef L4R_BEAM_SERVER_INNER_H
#define L4R_BEAM_SERVER_INNER_H

#include "baselines/beam/ids/id_tokens.h"
#include "baselines/beam/prompt.h"
#include "baselines/beam/search/exact.h"
#include "baselines/beam/search/search.h"
#include "baselines/beam/server.h"
#include "baselines/beam/search/strings.h"
#include "impl/spent.h"

enum { L4R_BEAM_ENCODING, L4R_BEAM_DECODING, L4R_BEAM_HEAD }; /* the timers in their order */

struct l4r_trie_level { /* cost of decoding at one depth of the trie, over its nodes */
  double decoded;       /* share of the nodes that are decoded because an id may continue */
  double choices;       /* number of tokens that each of them allows */
};

struct l4r_beam_server {
  const struct l4r_stack_ops *ops;
  struct l4r_team *team;
  struct l4r_stack *stack;
  struct l4r_model_config config;
  const struct l4r_t5_shape *shape; /* of the encoder-decoder: config.p5 or config.rec_llm */
  const char *prefix;               /* prefix of its tensors */
  const int64_t *popularity;        /* [items + 1], of the data set */
  int64_t users, items, width;      /* [D] */
  int64_t beams, batch;             /* batch: number of requests computed at once */
  int64_t rows, max_k;              /* rows: of the decoder, at most; max_k: search=exact */
  int by_sum;
  enum l4r_search_use search_use;
  int64_t longest; /* most input positions of one request */
  enum l4r_trie_use trie_use;
  int cached;
  int unseen; /* 1: this call leaves out histories */
  /* item ids: p5 writes and reads them, p5-head reads them, lite-beam writes them */
  struct l4r_id_tokens ids;
  int64_t unused_begin, unused_end; /* unused rows of the vocabulary */
  struct l4r_trie trie;
  struct l4r_strings *strings;  /* trie=off */
  struct l4r_trie_level *level; /* trie=head: [max_id_tokens]; NULL: whole vocabulary */
  struct l4r_prompts *prompts;  /* NULL for lite-beam */
  float *vectors;               /* lite-beam: [items][D] */
  float *table, *whole;         /* whole_word: shared.weight [V][D], whole_word.weight [T_max][D] */
  struct l4r_t5_shape encoder_shape; /* without a vocabulary where the server embeds */
  struct l4r_encoder *encoder;
  struct l4r_decoder *decoder;
  struct l4r_head *head;     /* p5-head */
  struct l4r_search *search; /* the others with search=beam */
  struct l4r_exact *exact;   /* and with search=exact */
  /* of a batch */
  int64_t *start;     /* [batch + 1] */
  int32_t *token;     /* [batch * longest] */
  int32_t *word;      /* whole_word: [batch * longest] */
  float *input;       /* lite-beam, whole_word: [batch * longest][D] */
  float *memory;      /* [batch * longest][D] */
  float *state;       /* p5-head: [batch][D] */
  int64_t *row_user;  /* p5-head: [batch] 0, 1, ... */
  int32_t *row_token; /* p5-head: [batch] start tokens */
  int64_t invalid_strings, short_rankings;
  int64_t encoding_ns, decoding_ns, head_ns; /* spent in recommend since open */
  struct l4r_stage_hook on_stage;
  struct l4r_spent *spent; /* where on_stage listens: asking the clock that often is not free */
  double item_vectors_seconds;
  int item_vectors_cached;
};

#endif
