/* SPDX-License-Identifier: BSD-3-Clause */
/* Every command that reads records, on one file of them: as it is, and sealed anew, so that what
 * was changed gets past the seal. An input holds lines of records, and behind lines of five dashes
 * the samples and the ranks that the resealed records then name. Whatever a record says, what is
 * printed of it is UTF-8 without control characters. */
#include "impl/base/hash.h"
#include "impl/base/text.h"
#include "tests/fuzz/input.h"

#include "bench/commands/commands.h"
#include "bench/record/plain.h"
#include "bench/record/write.h"
#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/log.h"

#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed);

static char records[128], printed[128], made[128];
/* Another machine's, for predictions. */
static const char *ceilings;
static const char ceilings_text[] =
    "{\"format\": \"lite4rec ceilings\", \"version\": 2, \"manifest\": {\"cpu\": \"Some Xeon\"}, "
    "\"ceilings\": [{\"threads\": 1, \"best\": {\"fp32\": {\"gops\": 100}}, "
    "\"read\": [{\"from\": \"DRAM\", \"gb_per_s\": 10}]}]}";

/* Standard output goes to a file, which is looked at after each command. */
static void begin(void) {
  snprintf(records, sizeof records, "%s/records", fuzz_folder());
  snprintf(printed, sizeof printed, "%s/printed", fuzz_folder());
  snprintf(made, sizeof made, "%s/made", fuzz_folder());
  ceilings = fuzz_file(0, "ceilings.json", (const uint8_t *)ceilings_text,
                       sizeof ceilings_text - 1);
  setenv("PATH", "/nowhere", 1); /* figures would take a second each; the page says they miss */
  setenv("TMPDIR", fuzz_folder(), 1);
  l4r_log_quiet(1);
  if (l4r_make_folders(records) || l4r_make_folders(made) || !freopen(printed, "w+", stdout))
    abort();
}

static void look_at(const char *path) {
  char *text = NULL;
  size_t bytes, bad;
  if (l4r_read_file(path, 0, &text, &bytes)) return;
  int fine = l4r_utf8_valid(text, bytes, &bad);
  for (size_t i = 0; fine && i < bytes; i++) {
    const unsigned char c = (unsigned char)text[i];
    if ((c >= 32 && c != 127) || strchr("\n\r\t", c)) continue;
    bad = i;
    fine = 0;
  }
  if (!fine) {
    fprintf(stderr, "%s, byte %zu: no text\n%.*s\n", path, bad, 200,
            text + (bad > 100 ? bad - 100 : 0));
    abort();
  }
  free(text);
}

static void look_at_all(const char *folder) {
  DIR *list = opendir(folder);
  if (!list) return;
  for (struct dirent *entry; (entry = readdir(list));) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
    if (*entry->d_name == '.') continue;
    look_at(path);
    unlink(path);
  }
  closedir(list);
}

/* "@" is the records, "%" a folder that is looked at and emptied afterwards, or a file in it,
 * CEILINGS another machine's. */
static void run(int (*command)(int argc, char **argv), const char *words) {
  char text[1024], path[8][256], *argv[16], *rest = text, *word;
  int argc = 0, paths = 0;
  snprintf(text, sizeof text, "%s", words);
  while ((word = strsep(&rest, " "))) {
    argv[argc] = word;
    if (!strcmp(word, "@")) argv[argc] = records;
    if (!strcmp(word, "CEILINGS")) argv[argc] = (char *)ceilings;
    if (*word == '%') {
      snprintf(path[paths], sizeof path[paths], "%s%s", made, word + 1);
      argv[argc] = path[paths++];
    }
    argc++;
  }
  argv[argc] = NULL;
  const int status = command(argc, argv);
  fuzz_check(status);
  if (l4r_exit_code(status) == 2) {
    fprintf(stderr, "%s: %s\n", words, l4r_error_message());
    abort();
  }
  if (fflush(stdout)) abort();
  look_at(printed);
  look_at_all(made);
  if (ftruncate(fileno(stdout), 0)) abort();
  rewind(stdout);
}

/* Unless doors are open, most of what is changed is refused before anybody reads it. */
static int open_doors;

static void run_open(int (*command)(int argc, char **argv), const char *words) {
  char text[640];
  snprintf(text, sizeof text, "%s%s", words, open_doors ? " --unsealed" : "");
  run(command, text);
}

/* Commands that read records, in every form of output. */
static const struct {
  int (*command)(int argc, char **argv);
  const char *words;
} commands[] = {
    {l4r_command_claims, "claims @"},
    {l4r_command_claims, "claims @ --markdown"},
    {l4r_command_claims, "claims @ --json"},
    {l4r_command_claims, "claims @ --without-samples"},
    {l4r_command_claims, "claims --map @ --out %"},
    {l4r_command_history, "history @"},
    {l4r_command_history, "history @ --metric p50 --markdown"},
    {l4r_command_history, "history @ --metric p99 --json"},
    {l4r_command_history, "history @ --out %"},
    {l4r_command_compare, "compare @ @"},
    {l4r_command_compare, "compare @ @ --gate 50% --metric p50,mean --markdown"},
    {l4r_command_compare, "compare @ @ --gate p99=5%,HR@10=2% --junit %/gate.xml"},
    {l4r_command_compare, "compare @ @ --across-machines --json"},
    {l4r_command_compare, "compare --across machines @ @"},
    {l4r_command_compare, "compare @ @ --ranks"},
    {l4r_command_export, "export csv @"},
    {l4r_command_export, "export table @"},
    {l4r_command_export, "export table @ --markdown"},
    {l4r_command_export, "export table @ --format html"},
    {l4r_command_export, "export table @ --groups"},
    {l4r_command_export, "export speed @"},
    {l4r_command_export, "export growth @"},
    {l4r_command_export, "export predict @ --ceilings CEILINGS"},
    {l4r_command_export, "export peers @"},
    {l4r_command_export, "export accuracy @"},
    {l4r_command_export, "export accuracy @ --markdown"},
    {l4r_command_export, "export accuracy @ --format json"},
    {l4r_command_export, "export google-benchmark @"},
    {l4r_command_export, "export bencher @"},
    {l4r_command_export, "export github-benchmark @ --bigger"},
    {l4r_command_export, "export tables @ --out %"},
    {l4r_command_report, "report @ --out %/page.html"},
};
enum { COMMANDS = sizeof commands / sizeof *commands };

/* All commands take two seconds, nearly all of them for checking the samples once more each. So one
 * input of sixteen meets all of them, and the others three that lie a third of the list apart.
 * Other bits than those that open doors choose. */
static void consume(unsigned which) {
  const unsigned chosen = which >> 8;
  const unsigned step = chosen % 16 ? COMMANDS / 3 : 1, count = chosen % 16 ? 3 : COMMANDS;
  run(l4r_command_verify, "verify @");
  for (unsigned c = 0; c < count; c++) {
    const unsigned at = (chosen / 16 + c * step) % COMMANDS;
    run_open(commands[at].command, commands[at].words);
  }
}

static void write_to(const char *name, const void *content, size_t bytes) {
  char path[256];
  snprintf(path, sizeof path, "%s/%s", records, name);
  FILE *file = fopen(path, "wb");
  if (!file || (bytes && fwrite(content, 1, bytes, file) != bytes) || fclose(file)) abort();
}

/* Samples beside the records, named by their hash; "" where the input holds none. */
static void write_samples(const uint8_t *data, size_t size, char name[80]) {
  char hash[65];
  *name = '\0';
  if (size && data[size - 1] == '\n') size--; /* of the mark behind them */
  if (!size) return;
  l4r_sha256(data, size, hash);
  snprintf(name, 80, "%s.samples", hash);
  write_to(name, data, size);
}

/* A line as it would stand had the program written it. */
static void reseal(FILE *stream, const char *line, const char *samples, const char *ranks) {
  json_t *record = json_loads(line, 0, NULL), *accuracy = json_object_get(record, "accuracy");
  if (json_is_object(record)) {
    if (*samples) json_object_set_new(record, "samples", json_string(samples));
    if (*ranks && json_is_object(accuracy))
      json_object_set_new(accuracy, "samples", json_string(ranks));
    if (l4r_record_seal(record)) abort();
    char *text = json_dumps(record, JSON_COMPACT | JSON_SORT_KEYS);
    fprintf(stream, "%s\n", text ? text : "");
    free(text);
  } else {
    fprintf(stream, "%s\n", line);
  }
  json_decref(record);
}

static void consume_resealed(const uint8_t *data, size_t size, const char *samples,
                             const char *ranks, unsigned which) {
  char *text = NULL, *copy = malloc(size + 1), *rest = copy, *line;
  size_t bytes;
  FILE *stream = open_memstream(&text, &bytes);
  memcpy(copy, data, size);
  copy[size] = '\0';
  while ((line = strsep(&rest, "\n")))
    if (*line) reseal(stream, line, samples, ranks);
  fclose(stream);
  write_to("a.jsonl", text, bytes);
  free(copy);
  free(text);
  consume(which);
}

static void remove_all(const char *folder) {
  DIR *list = opendir(folder);
  for (struct dirent *entry; list && (entry = readdir(list));) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
    if (*entry->d_name != '.') unlink(path);
  }
  if (list) closedir(list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (!*records) begin();
  const uint8_t *rest, *last, *none;
  size_t left, last_left, none_left;
  char samples[80], ranks[80];
  const size_t lines = fuzz_cut(data, size, &rest, &left);
  const size_t first = fuzz_cut(rest, left, &last, &last_left);
  write_samples(rest, first, samples);
  write_samples(last, fuzz_cut(last, last_left, &none, &none_left), ranks);
  const unsigned which = (unsigned)crc32(0, data, (unsigned)size);
  write_to("a.jsonl", data, lines);
  open_doors = which % 4 != 0;
  if (which % 5 == 0) consume(which);
  consume_resealed(data, lines, samples, ranks, which);
  remove_all(records);
  return 0;
}

/* --- mutation -----------------------------------------------------------------------------------
 */

static unsigned draw(unsigned *state, unsigned below) {
  *state = *state * 1664525u + 1013904223u;
  return below ? (*state >> 8) % below : 0;
}

/* A text that a table, a terminal or a page may stumble over. */
static json_t *odd_text(unsigned *state) {
  static const char *const texts[] = {"",        "a\nb",    "|`x`|",
                                      "\x1b[2J", "<b>&'\"", "[1]",
                                      "**",      "\t",      "\xc3\xa9\xe2\x80\xae",
                                      "server",  "mask",    "lite",
                                      "p5",      "pop",     "beam",
                                      "blis",    "../../x", "%s%n",
                                      "-",       "<br>"};
  const unsigned which = draw(state, 2 + sizeof texts / sizeof *texts);
  if (which < sizeof texts / sizeof *texts) return json_string(texts[which]);
  char lengthy[1200];
  const unsigned n = 100 + draw(state, sizeof lengthy - 110);
  for (unsigned i = 0; i < n; i++) lengthy[i] = (char)(i % 2 ? 0xa9 : 0xc3);
  lengthy[n - n % 2] = '\0';
  return json_string(lengthy);
}

static json_t *odd_value(unsigned *state) {
  static const double reals[] = {0, -1, 1e300, -1e300, 1e-300, .5, 1e18, 4294967296., 3};
  static const json_int_t wholes[] = {0, 1, -1, 2, 64, 1025, INT64_MAX, INT64_MIN, 1000000000000};
  switch (draw(state, 8)) {
  case 0:
    return json_null();
  case 1:
    return json_real(reals[draw(state, sizeof reals / sizeof *reals)]);
  case 2:
    return json_integer(wholes[draw(state, sizeof wholes / sizeof *wholes)]);
  case 3:
    return json_array();
  case 4:
    return json_object();
  case 5:
    return json_boolean(draw(state, 2));
  default:
    return odd_text(state);
  }
}

/* Goes down from a container at random and changes one member on the way. */
static void change(json_t *at, unsigned *state) {
  for (;;) {
    const unsigned n = json_is_array(at) ? (unsigned)json_array_size(at)
                                         : (unsigned)json_object_size(at);
    if (!n) return;
    const unsigned pick = draw(state, n), deed = draw(state, 12);
    void *iterator = json_object_iter(at);
    for (unsigned i = 0; json_is_object(at) && i < pick; i++)
      iterator = json_object_iter_next(at, iterator);
    json_t *part = json_is_array(at) ? json_array_get(at, pick) : json_object_iter_value(iterator);
    if (deed > 3 && (json_is_array(part) || json_is_object(part))) {
      at = part;
      continue;
    }
    if (json_is_array(at) && deed == 0)
      json_array_remove(at, pick);
    else if (json_is_array(at) && deed == 1)
      json_array_append_new(at, json_deep_copy(part));
    else if (json_is_array(at))
      json_array_set_new(at, pick, odd_value(state));
    else if (deed == 0)
      json_object_del(at, json_object_iter_key(iterator));
    else
      json_object_set_new(at, json_object_iter_key(iterator), odd_value(state));
    return;
  }
}

/* One of the lines, changed in a few members; 0 when it is no JSON or gets too long. */
static size_t change_line(uint8_t *data, size_t size, size_t lines, size_t most, unsigned *state) {
  size_t begin = 0, end = 0;
  for (unsigned skip = draw(state, 4) + 1; skip && end < lines; skip--) {
    const uint8_t *newline = memchr(data + end, '\n', lines - end);
    begin = end;
    end = newline ? (size_t)(newline - data) + 1 : lines;
  }
  json_t *record = json_loadb((const char *)data + begin, end - begin, 0, NULL);
  for (unsigned n = draw(state, 4) + 1; n && json_is_object(record); n--) change(record, state);
  char *text = json_is_object(record) ? json_dumps(record, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
  const size_t bytes = text ? strlen(text) + 1 : 0, grown = size - (end - begin) + bytes;
  json_decref(record);
  if (text && grown <= most) {
    text[bytes - 1] = '\n';
    memmove(data + begin + bytes, data + end, size - end);
    memcpy(data + begin, text, bytes);
  }
  free(text);
  return bytes && grown <= most ? grown : 0;
}

/* A number of the samples' arrays. */
static void change_number(uint8_t *samples, size_t left, unsigned *state) {
  static const int64_t values[] = {0, 1, -1, INT64_MAX, INT64_MIN, 1000, INT64_C(1) << 53};
  const uint8_t *newline = memchr(samples, '\n', left);
  const size_t head = newline ? (size_t)(newline - samples) + 1 : left;
  if (left - head < 8) return;
  const size_t place = draw(state, (unsigned)((left - head) / 8));
  memcpy(samples + head + 8 * place, &values[draw(state, sizeof values / sizeof *values)], 8);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed) {
  unsigned state = seed;
  const uint8_t *rest;
  size_t left;
  const size_t lines = fuzz_cut(data, size, &rest, &left);
  const unsigned what = draw(&state, 8);
  if (what == 0 && left) {
    change_number(data + (rest - data), left, &state);
    return size;
  }
  const size_t changed = what > 1 ? change_line(data, size, lines, most, &state) : 0;
  return changed ? changed : LLVMFuzzerMutate(data, size, most);
}
