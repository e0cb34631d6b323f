/* SPDX-License-Identifier: BSD-3-Clause */
/* A program of one's own that serves a model by the library: what user 1 of a data set is
 * recommended after its training items, as item and score.
 *   cc serve.c $(pkg-config --static --cflags --libs lite4rec) -o serve
 *   ./serve DATA MODEL */
#include <lite4rec/data/dataset.h>
#include <lite4rec/engine.h>
#include <lite4rec/lite/lite.h>

#include <stdio.h>

enum { K = 10 };

static int serve(const char *data, const char *model) {
  struct l4r_dataset *dataset;
  int status = l4r_dataset_open(data, L4R_PART_TRAIN | L4R_PART_TEXT, &dataset);
  if (status) return status;
  const struct l4r_engine *engine = &l4r_engine_lite_blis;
  const struct l4r_open_options options = {
      .model = model, .dataset = dataset, .max_batch = 1, .max_k = K};
  void *handle;
  status = engine->open(&options, &handle);
  if (status) return l4r_dataset_close(dataset), status;
  struct l4r_dataset_view view;
  l4r_dataset_show(dataset, &view);
  const struct l4r_request request = {0, view.item, view.start[1]};
  l4r_item item[K];
  float score[K];
  struct l4r_ranking ranking = {item, score, 0};
  status = engine->recommend(handle, &request, 1, K, &ranking);
  for (int64_t i = 0; i < ranking.count; i++) printf("%d %.9g\n", item[i], (double)score[i]);
  engine->close(handle);
  l4r_dataset_close(dataset);
  return status;
}

int main(int argc, char **argv) {
  if (argc != 3) return fprintf(stderr, "usage: serve DATA MODEL\n"), 2;
  const int status = serve(argv[1], argv[2]);
  if (status) fprintf(stderr, "%s\n", l4r_error_message());
  return l4r_exit_code(status);
}
