/* Item ids as P5 writes them, and the tokens they become.
 *
 * A generative recommender names an item by a short string, so somebody has to number the
 * catalogue, and how that is done decides what the decoder can learn (Hua et al. 2023, "How to
 * Index Item IDs for Recommendation Foundation Models"). The numbers are part of the model: they
 * are stored in its folder as id_map.tsv, hashed in config.json, and a model whose map is another
 * one is refused, because a decoder with a strange map recommends confidently and wrongly.
 *
 * Numbers are made from the training part alone. P5's first release numbered whole sequences, so
 * that the test item stood next to the history and "largest id + 1" looked like a recommender. */
#ifndef L4R_BEAM_IDS_H
#define L4R_BEAM_IDS_H

#include "impl/data/dataset.h"
#include "impl/model/config.h"
#include "impl/model/tokenizer.h"

#include <stdint.h>

enum { L4R_FIRST_ID = 1001 };                    /* the smallest number, as OpenP5 has it */
enum { L4R_START_TOKEN = 0, L4R_END_TOKEN = 1 }; /* T5's <pad> and </s> */

struct l4r_id_map { /* a permutation of L4R_FIRST_ID .. L4R_FIRST_ID + items - 1 */
  int64_t items;
  int64_t *number; /* [items + 1]; [0] unused */
};

/* Numbers the catalogue. random: a permutation drawn from `seed`. sequential: by first appearance
 * in the users' training parts, users in order, items never trained on after the others in
 * ascending id. L4R_USAGE for collaborative, which this version does not make. Reads the training
 * part only. Free with l4r_id_map_free. */
int l4r_id_map_make(const struct l4r_dataset *dataset, enum l4r_id_scheme scheme, uint64_t seed,
                    struct l4r_id_map *map);
void l4r_id_map_free(struct l4r_id_map *map);

/* Writes folder/id_map.tsv ("item<TAB>number", items ascending, after a heading) atomically, and
 * its SHA-256 to `sha256`. */
int l4r_id_map_write(const struct l4r_id_map *map, const char *folder, char sha256[65]);

/* Reads it again. L4R_INPUT with file and line unless it is a permutation for `items` items, or
 * when its SHA-256 is not `sha256` (the one in config.json). */
int l4r_id_map_read(const char *folder, int64_t items, const char *sha256, struct l4r_id_map *map);

/* The token strings of all ids, without </s>: item i's are token[start[i-1]] .. token[start[i]-1].
 */
struct l4r_id_tokens {
  int64_t items;
  int64_t longest;   /* tokens of the longest id, without </s> */
  int64_t first_own; /* first row of the embedding that belongs to ids alone; rows before it are
                        the tokenizer's */
  int64_t own;       /* how many rows there are of them; 0 for digits */
  int64_t *start;    /* [items + 1] */
  int32_t *token;
};

/* Rows of the embedding that ids of this form need for themselves: 0 for digits; for tokens, one
 * for each value of each of the two levels (number / base, number % base with base = ceil(sqrt(
 * items))), so that an answer stays a path and not a head in disguise. Pure. */
int64_t l4r_id_own_rows(enum l4r_id_form form, int64_t items);

/* digits: the decimal number through the tokenizer, as published. tokens: two rows of its own per
 * item, from `first_own` (the embedding's first free row) on. L4R_INPUT when the tokenizer writes
 * two items alike (a vocabulary without digits), naming both. Free with l4r_id_tokens_free. */
int l4r_id_tokens_make(const struct l4r_id_map *map, enum l4r_id_form form,
                       const struct l4r_tokenizer *tokenizer, int64_t first_own,
                       struct l4r_id_tokens *tokens);
void l4r_id_tokens_free(struct l4r_id_tokens *tokens);

#endif
