/* SPDX-License-Identifier: BSD-3-Clause */
/* The manual page and the completion hold every command and every option that --help tells, and the
 * tools they are for understand them. */
#include "tests/support/files.h"
#include "tests/support/shell.h"

#include <criterion/criterion.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

static const char *said_by(const char *arguments) {
  const char *output;
  cr_assert_eq(test_shell(&output, "%s %s", test_program(), arguments), 0, "%s", arguments);
  return output;
}

/* Word `n` of a line. */
static int word(const char *line, int n, char out[64]) {
  for (;; n--) {
    while (*line == ' ') line++;
    const size_t bytes = strcspn(line, " \n");
    snprintf(out, 64, "%.*s", (int)bytes, line);
    if (!n) return bytes > 0;
    line += bytes;
  }
}

/* Calls `each` with every command of the program, "data import" and "train" alike. */
static int for_each_command(void (*each)(const char *name)) {
  int commands = 0;
  for (const char *line = said_by("--help"); line; line = strchr(line, '\n')) {
    char name[64], arguments[96];
    if (*line == '\n') line++;
    if (strncmp(line, "  ", 2) || !islower((unsigned char)line[2]) || !word(line, 0, name))
      continue;
    snprintf(arguments, sizeof arguments, "%s --help", name);
    const char *help = said_by(arguments);
    commands++;
    if (!strstr(help, " ACTION ")) {
      each(name);
      continue;
    }
    for (; help; help = strchr(help, '\n')) {
      char action[64], both[160];
      if (*help == '\n') help++;
      if (!strncmp(help, "examples", 8)) break;
      if (strncmp(help, "  ", 2) || !word(help, 0, action)) continue;
      snprintf(both, sizeof both, "%s %s", name, action);
      each(both);
    }
  }
  return commands;
}

static const char *man, *completion, *of_zsh, *of_fish;
static int options;

/* The part of `text` that begins with `begin` and ends before `end`, freed with the process. */
static const char *part_of(const char *text, const char *begin, const char *end) {
  const char *at = strstr(text, begin);
  cr_assert_not_null(at, "no '%s'", begin);
  const char *stop = strstr(at + strlen(begin), end);
  return strndup(at, stop ? (size_t)(stop - at) : strlen(at));
}

static void stands_in_both(const char *name) {
  char arguments[192], begin[192], option[64], wanted[160];
  snprintf(arguments, sizeof arguments, "%s --help", name);
  const char *help = said_by(arguments);
  cr_assert_not_null(strstr(help, "\nexamples:\n  "), "%s has no examples", name);
  snprintf(begin, sizeof begin, "\n.SS %s\n", name);
  const char *section = part_of(man, begin, "\n.S");
  snprintf(begin, sizeof begin, "\n    '%s')\n", name);
  const char *clause = part_of(completion, begin, "\n      ;;");
  cr_assert_not_null(strstr(of_zsh, clause), "zsh's script lacks bash's clause of %s", name);
  for (; help; help = strchr(help, '\n')) {
    if (*help == '\n') help++;
    cr_assert_leq(strcspn(help, "\n"), 80, "%s --help: a terminal folds: %.100s", name, help);
    if (strncmp(help, "  --", 4) || !word(help, 0, option)) continue;
    size_t used = (size_t)snprintf(wanted, sizeof wanted, "\\fB");
    for (const char *c = option; *c; c++)
      used += (size_t)snprintf(wanted + used, sizeof wanted - used, "%s%c", *c == '-' ? "\\" : "",
                               *c);
    cr_assert_not_null(strstr(section, wanted), "%s %s is not in the manual", name, option);
    cr_assert_not_null(strstr(clause, option), "%s %s is not completed", name, option);
    snprintf(wanted, sizeof wanted, "'__lite4rec_in %s' -l %s ", name, option + 2);
    cr_assert_not_null(strstr(of_fish, wanted), "%s %s is not completed by fish", name, option);
    options++;
  }
}

Test(man, every_command_and_option_stands_in_manual_and_completion) {
  man = said_by("man");
  completion = said_by("completion bash");
  of_zsh = said_by("completion zsh");
  of_fish = said_by("completion fish");
  cr_assert_geq(for_each_command(stands_in_both), 11);
  cr_assert_gt(options, 80);
}

static void fits(const char *arguments) {
  for (const char *line = said_by(arguments); line; line = strchr(line, '\n')) {
    if (*line == '\n') line++;
    cr_assert_leq(strcspn(line, "\n"), 80, "%s: a terminal folds: %.100s", arguments, line);
  }
}

/* What is not a command or an action alone: the program, sets of actions, kinds. */
Test(man, all_other_help_fits_a_terminal_too) {
  static const char *const kinds[] = {
      "train lite",     "train p5",        "train p5-head",     "train sasrec",   "train lite-beam",
      "train pop",      "train markov",    "train itemknn",     "export table",   "export onnx",
      "export predict", "data import csv", "data import lists", "completion bash"};
  fits("--help");
  fits("data --help");
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    char arguments[96];
    snprintf(arguments, sizeof arguments, "%s --help", kinds[i]);
    fits(arguments);
  }
}

Test(man, help_of_a_kind_shows_what_applies_to_it) {
  static const struct {
    const char *line, *shown, *hidden;
  } row[] = {{"train itemknn --help", "--norm none|cosine", "--lr "},
             {"train lite --help", "--pooling mean|last", "--norm"},
             {"train sasrec --help", "(default 200)", "--tokenizer"},
             {"train p5 --help", "(default 20)", "--pooling"},
             {"train --help", "(default 50; p5, p5-head 20; sasrec 200)", "no such text"},
             {"export predict r --help", "--ceilings FILE", "--groups"},
             {"data import csv --help", "--delimiter", "u.data"},
             {"data import ml-1m --help", "ratings.dat", "--delimiter"}};
  for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
    char text[16384] = "";
    for (const char *at = said_by(row[i].line); *at; at++) { /* folded lines joined */
      const size_t n = strlen(text);
      if (!isspace((unsigned char)*at))
        text[n] = *at;
      else if (n && text[n - 1] != ' ')
        text[n] = ' ';
    }
    cr_expect_not_null(strstr(text, row[i].shown), "%s lacks %s: %s", row[i].line, row[i].shown,
                       text);
    cr_expect_null(strstr(text, row[i].hidden), "%s has %s", row[i].line, row[i].hidden);
  }
}

Test(man, the_page_is_roff_without_a_warning) {
  const char *output;
  char page[512];
  snprintf(page, sizeof page, "%s", test_file("lite4rec.1", said_by("man")));
  if (test_shell(&output, "command -v groff")) cr_skip_test("groff is not installed");
  test_shell(&output, "groff -ww -man -Tutf8 %s 2>&1 >/dev/null", page);
  cr_assert_str_empty(output);
  test_shell(&output, "groff -man -Tascii %s", page);
  cr_assert_not_null(strstr(output, "a check or gate failed"), "%s", output);
}

/* What bash offers after "lite4rec WORD...", the last being begun. */
static void offers(const char *words, const char *expected) {
  const char *output;
  test_shell(&output,
             "bash -c 'source %s; COMP_WORDS=(lite4rec %s); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); "
             "_lite4rec; echo \"${COMPREPLY[*]}\"' 2>&1",
             test_path("completion"), words);
  cr_assert(!strncmp(output, expected, strlen(expected)) && output[strlen(expected)] == '\n',
            "'%s' offers '%s', not '%s'", words, output, expected);
}

Test(man, bash_completes_commands_actions_options_and_values) {
  const char *output;
  if (test_shell(&output, "command -v bash")) cr_skip_test("bash is not installed");
  test_file("completion", said_by("completion bash"));
  offers("veri", "verify");
  offers("train p5", "p5 p5-head");
  offers("data im", "import");
  offers("data import ml-1", "ml-1m ml-100k");
  offers("export go", "google-benchmark");
  offers("run --scen", "--scenario");
  offers("data import ml-1m --tie \"\"", "file item");
  offers("train lite --prefixes = a", "all");
  offers("run --data imp", "impl");
  offers("report results/sch", "results/schema.json");
  offers("no-such-command x", "");
  offers("run --rounds 1", "");
  offers("run --pin n", "numa none");
  offers("run --arm bl", "blis@");
  offers("run --arm blis @ imp", "impl");
  offers("completion f", "fish");
}

/* What zsh offers, its builtins replaced by what prints their words. */
static void zsh_offers(const char *words, const char *expected) {
  const char *output;
  test_shell(
      &output,
      "zsh -f -c 'compadd() { while [[ $1 == -S ]]; do shift 2; done; shift; print -r -- $*; }; "
      "compset() { [[ $current == ${~2}* ]]; }; _files() { print files $*; }; compdef() { :; }; "
      "source %s; words=(lite4rec %s); CURRENT=${#words}; _lite4rec' 2>&1",
      test_path("_lite4rec"), words);
  cr_assert(!strncmp(output, expected, strlen(expected)) && output[strlen(expected)] == '\n',
            "'%s' offers '%s', not '%s'", words, output, expected);
}

Test(man, zsh_completes_commands_actions_options_and_values) {
  const char *output;
  test_file("_lite4rec", said_by("completion zsh"));
  if (test_shell(&output, "command -v zsh")) cr_skip_test("zsh is not installed");
  zsh_offers("data x", "import check permute synth --help");
  zsh_offers("train itemknn --norm n", "none cosine");
  zsh_offers("run --pin x", "core smt l3 numa none");
  zsh_offers("run --arm bl", "reference@ blis@ beam@ heuristic@ largest-id@ peer: so:");
  zsh_offers("run --arm blis@x", "files -/");
  zsh_offers("run --data x", "files -/");
  zsh_offers("report x", "files");
  zsh_offers("completion x", "bash zsh fish");
}

/* fish prints what it would offer, a line each with its description. */
static void fish_offers(const char *line, const char *first) {
  const char *output;
  test_shell(&output, "fish -N -c 'source %s; complete -C \"lite4rec %s\"' 2>&1", test_path("f"),
             line);
  cr_assert(!strncmp(output, first, strlen(first)) && strchr("\t\n", output[strlen(first)]),
            "'%s' offers '%s', not '%s'", line, output, first);
}

Test(man, fish_completes_commands_actions_options_and_values) {
  const char *output;
  test_file("f", said_by("completion fish"));
  if (test_shell(&output, "command -v fish")) cr_skip_test("fish is not installed");
  fish_offers("veri", "verify");
  fish_offers("data imp", "import");
  fish_offers("train itemk", "itemknn");
  fish_offers("run --scen", "--scenario");
  fish_offers("run --pin num", "numa");
  fish_offers("run --arm bli", "blis@");
  fish_offers("data import ml-1m --tie fi", "file");
  fish_offers("completion fis", "fish");
}
