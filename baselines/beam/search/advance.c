/* SPDX-License-Identifier: BSD-3-Clause */
/* Chooses for one user after a decode step: the best 2S continuations of its beams, which of them
 * are answers and which continue. search.h states the rules and their source. */
#include "baselines/beam/search/advance.h"

#include "baselines/beam/search/search_inner.h"

#include <math.h>
#include <string.h>

struct shortlist { /* candidates, best first, equal ones in order of arrival */
  struct candidate *candidate;
  int64_t count, capacity;
  float floor; /* a new candidate must exceed it */
};

static void offer(struct shortlist *list, struct candidate newcomer) {
  if (list->count == list->capacity && !(newcomer.sum > list->floor)) return;
  if (list->count < list->capacity) list->count++;
  int64_t at = list->count - 1;
  for (; at > 0 && newcomer.sum > list->candidate[at - 1].sum; at--)
    list->candidate[at] = list->candidate[at - 1];
  list->candidate[at] = newcomer;
  list->floor = list->candidate[list->count - 1].sum;
}

/* Offers the continuations that the trie allows the user: </s> where an id ends, and children.
 * `packed`: the row holds only their logits, in the order of l4r_trie_choose; otherwise those of
 * the whole vocabulary. */
static void offer_allowed(const struct l4r_trie *trie, const struct search_user *user,
                          const struct beam *beam, int32_t index, const float *logits, int packed,
                          float normaliser, struct shortlist *list) {
  int64_t next = 0;
  if (trie->item[beam->node]) {
    const float logit = logits[packed ? next++ : L4R_END_TOKEN];
    if (!l4r_has_bit(user->excluded.unended, beam->node))
      offer(list, (struct candidate){.sum = beam->sum + (logit - normaliser),
                                     .beam = index,
                                     .token = L4R_END_TOKEN,
                                     .node = beam->node});
  }
  for (int32_t node = trie->child[beam->node]; node < trie->child[beam->node + 1]; node++) {
    const int32_t token = trie->token[node];
    const float logit = logits[packed ? next++ : token];
    if (l4r_has_bit(user->excluded.barred, node)) continue;
    offer(list, (struct candidate){.sum = beam->sum + (logit - normaliser),
                                   .beam = index,
                                   .token = token,
                                   .node = node});
  }
}

/* Hardly any of the vocabulary's thousands of values exceeds the worst candidate kept, so the
 * kernels skip what is certainly below it. The bound is lowered by more than the three roundings of
 * a sum. */
static void offer_range(const struct l4r_search *search, const struct beam *beam, int32_t index,
                        int64_t row, int64_t first, int64_t end, struct shortlist *list) {
  const float *logits = search->logits + row * search->spec.vocabulary;
  const float normaliser = search->normaliser[row];
  for (int64_t token = first; token < end; token++) {
    if (list->count == list->capacity) {
      float bound = list->floor - beam->sum + normaliser;
      bound -= 1e-6f * (fabsf(list->floor) + fabsf(beam->sum) + fabsf(normaliser));
      token = search->kernels->next_not_below(logits, token, end, bound);
      if (token == end) return;
    }
    float sum = beam->sum + (logits[token] - normaliser);
    if (list->count == list->capacity && !(sum > list->floor)) continue;
    offer(list, (struct candidate){.sum = sum, .beam = index, .token = (int32_t)token});
  }
}

static void add_answer(struct l4r_search *search, int64_t user, const struct candidate *last,
                       int finished) {
  const struct l4r_search_spec *spec = &search->spec;
  struct search_user *state = &search->user[user];
  struct l4r_answer *answer = search->answer + user * (spec->beams + 1);
  /* Here step counts the tokens before this one; an unfinished beam has no </s> to count. */
  int64_t length = search->step, tokens = finished ? length + 1 : length;
  double score = (double)last->sum / (spec->by_sum ? 1 : (double)tokens);
  if (state->answers == spec->beams && !(score > state->worst)) return;
  int64_t at = state->answers++;
  if (at == spec->beams) { /* replaces the worst, the earliest among equals */
    int64_t worst = 0;
    for (int64_t i = 1; i < spec->beams; i++)
      if (answer[i].score < answer[worst].score) worst = i;
    at = worst;
    state->answers--;
  }
  int32_t *text = search->answer_text + (user * (spec->beams + 1) + at) * spec->steps;
  memcpy(text, search->text[search->side] + (user * spec->beams + last->beam) * spec->steps,
         (size_t)length * sizeof *text);
  answer[at] = (struct l4r_answer){.score = score,
                                   .token = text,
                                   .length = (int32_t)length,
                                   .node = last->node,
                                   .finished = finished};
  state->worst = answer[0].score;
  for (int64_t i = 1; i < state->answers; i++)
    if (answer[i].score < state->worst) state->worst = answer[i].score;
}

static void extend_beam(struct l4r_search *search, int64_t user, const struct candidate *chosen) {
  struct search_user *state = &search->user[user];
  int64_t base = user * search->spec.beams, steps = search->spec.steps, at = base + state->beams++;
  int32_t *text = search->text[search->side ^ 1] + at * steps;
  memcpy(text, search->text[search->side] + (base + chosen->beam) * steps,
         (size_t)search->step * sizeof *text);
  text[search->step] = chosen->token;
  search->beam[search->side ^ 1][at] = (struct beam){
      .sum = chosen->sum, .token = chosen->token, .node = chosen->node, .parent = chosen->beam};
}

static void collect(struct l4r_search *search, int64_t user, struct shortlist *list) {
  const struct l4r_search_spec *spec = &search->spec;
  const struct search_user *state = &search->user[user];
  const struct beam *beam = search->beam[search->side] + user * spec->beams;
  for (int64_t b = 0; b < state->beams; b++) {
    static const float certain = 0; /* for a leaf, after which only </s> can follow */
    const int64_t row = beam[b].row;
    const int decoded = row != UNDECODED;
    const float normaliser = decoded ? search->normaliser[row] : 0;
    const float *logits = !decoded           ? &certain
                          : spec->restricted ? search->logits + search->choice_start[row]
                                             : search->logits + row * spec->vocabulary;
    if (spec->trie) {
      offer_allowed(spec->trie, state, &beam[b], (int32_t)b, logits, spec->restricted, normaliser,
                    list);
    } else if (spec->unused_begin < spec->unused_end) {
      offer_range(search, &beam[b], (int32_t)b, row, 0, spec->unused_begin, list);
      offer_range(search, &beam[b], (int32_t)b, row, spec->unused_end, spec->vocabulary, list);
    } else {
      offer_range(search, &beam[b], (int32_t)b, row, 0, spec->vocabulary, list);
    }
  }
}

void l4r_search_advance(struct l4r_search *search, int64_t user, struct candidate *candidate) {
  int64_t beams = search->spec.beams;
  struct search_user *state = &search->user[user];
  struct shortlist list = {.candidate = candidate, .capacity = 2 * beams};
  collect(search, user, &list);
  state->beams = 0;
  for (int64_t rank = 0; rank < list.count && state->beams < beams; rank++) {
    if (candidate[rank].token != L4R_END_TOKEN)
      extend_beam(search, user, &candidate[rank]);
    else if (rank < beams)
      add_answer(search, user, &candidate[rank], 1);
  }
  if (state->beams == 0) {
    state->done = 1; /* the trie is exhausted, or no finite score is left */
  } else if (state->answers == beams) {
    double best = (double)candidate[0].sum / (search->spec.by_sum ? 1 : (double)(search->step + 1));
    state->done = state->worst >= best;
    if (state->done) state->beams = 0;
  }
}

void l4r_search_finish(struct l4r_search *search, int64_t user) {
  struct search_user *state = &search->user[user];
  const struct beam *beam = search->beam[search->side] + user * search->spec.beams;
  if (state->done || search->spec.trie) return; /* with a trie, an unfinished string is no id */
  for (int64_t b = 0; b < state->beams; b++) {
    struct candidate last = {.sum = beam[b].sum, .beam = (int32_t)b, .node = beam[b].node};
    add_answer(search, user, &last, 0);
  }
}
