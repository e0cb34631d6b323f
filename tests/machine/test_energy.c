/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/machine/energy.h"
#include "tests/support/files.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* A captured tree of another machine: two packages and a part of the first. */
static void make_tree(void) {
  char command[1024];
  snprintf(command, sizeof command,
           "mkdir -p '%s/class/powercap/intel-rapl:0' '%s/class/powercap/intel-rapl:1' "
           "'%s/class/powercap/intel-rapl:0:0'",
           test_folder(), test_folder(), test_folder());
  cr_assert_eq(system(command), 0);
  test_file("class/powercap/intel-rapl:0/energy_uj", "9000000\n");
  test_file("class/powercap/intel-rapl:0/max_energy_range_uj", "10000000\n");
  test_file("class/powercap/intel-rapl:1/energy_uj", "1000000\n");
  test_file("class/powercap/intel-rapl:0:0/energy_uj", "77\n");
}

Test(energy, packages_are_summed_parts_are_not_and_a_wrap_is_allowed_for) {
  make_tree();
  struct l4r_energy energy;
  l4r_energy_find(test_folder(), &energy);
  cr_assert_eq(energy.domains, 2);
  l4r_energy_start(&energy);
  test_file("class/powercap/intel-rapl:0/energy_uj", "500000\n");  /* wrapped: 1.5 J */
  test_file("class/powercap/intel-rapl:1/energy_uj", "3000000\n"); /* 2 J */
  cr_assert_float_eq(l4r_energy_stop(&energy), 3.5, 1e-9);
}

Test(energy, a_counter_that_disappears_is_absent) {
  make_tree();
  struct l4r_energy energy;
  l4r_energy_find(test_folder(), &energy);
  l4r_energy_start(&energy);
  cr_assert_eq(remove(test_path("class/powercap/intel-rapl:1/energy_uj")), 0);
  cr_assert(l4r_energy_stop(&energy) < 0);
  cr_assert_not_null(strstr(energy.reason, "disappeared"));
}

Test(energy, absence_has_a_reason) {
  struct l4r_energy energy;
  l4r_energy_find(test_folder(), &energy);
  cr_assert_eq(energy.domains, 0);
  cr_assert(energy.reason[0]);
  cr_assert(l4r_energy_stop(&energy) < 0);
}

/* 2 W when idle; then 10 J in a span that would have idled for a part of them. */
Test(energy, idle_power_is_subtracted) {
  struct l4r_energy energy = {.domains = 1, .idle_watts = 2, .seconds = 3};
  cr_assert_float_eq(l4r_energy_above_idle(&energy, 10), 4, 1e-12);
  cr_assert_float_eq(l4r_energy_above_idle(&energy, 5), 0, 1e-12);
  cr_assert_lt(l4r_energy_above_idle(&energy, -1), 0);
  json_t *json = l4r_energy_json(&energy, 10);
  cr_assert_float_eq(json_number_value(json_object_get(json, "joules")), 4, 1e-12);
  cr_assert_float_eq(json_number_value(json_object_get(json, "gross_joules")), 10, 1e-12);
  json_decref(json);
  energy.idle_watts = -1;
  json = l4r_energy_json(&energy, 10);
  cr_assert(json_is_null(json_object_get(json, "joules")));
  cr_assert(strstr(json_string_value(json_object_get(json, "reason")), "idle power"));
  json_decref(json);
}

/* The package's counter grows by half a joule while an idle machine is measured. */
Test(energy, an_idle_machine_is_measured_on_the_counters) {
  make_tree();
  test_file("class/powercap/intel-rapl:1/name", "psys\n"); /* the platform is no package */
  struct l4r_energy energy;
  l4r_energy_find(test_folder(), &energy);
  cr_assert_eq(energy.domains, 1);
  cr_assert_lt(energy.idle_watts, 0);
  const char *path = test_path("class/powercap/intel-rapl:0/energy_uj");
  const pid_t child = fork();
  if (!child) {
    usleep(20000);
    FILE *file = fopen(path, "r+");
    if (file) fputs("9500000\n", file), fclose(file);
    _exit(0);
  }
  l4r_energy_idle(&energy, .5);
  cr_assert_eq(waitpid(child, NULL, 0), child);
  cr_assert(energy.idle_watts > 0 && energy.idle_watts <= 1, "%g W", energy.idle_watts);
}

Test(energy, a_counter_that_stands_still_is_absent_not_0) {
  make_tree();
  struct l4r_energy energy;
  l4r_energy_find(test_folder(), &energy);
  l4r_energy_idle(&energy, .01);
  cr_assert_lt(energy.idle_watts, 0);
  l4r_energy_start(&energy);
  test_file("class/powercap/intel-rapl:0/energy_uj", "9700000\n");
  const double joules = l4r_energy_stop(&energy); /* the second package's stands still */
  cr_assert_lt(joules, 0);
  json_t *json = l4r_energy_json(&energy, joules);
  cr_assert(json_is_null(json_object_get(json, "gross_joules")));
  cr_assert(strstr(json_string_value(json_object_get(json, "reason")),
                   "intel-rapl:1 stood still at 1000000 uJ"));
  json_decref(json);
}

Test(energy, a_counter_that_went_round_without_a_range_is_absent) {
  make_tree();
  struct l4r_energy energy;
  l4r_energy_find(test_folder(), &energy);
  l4r_energy_start(&energy);
  test_file("class/powercap/intel-rapl:1/energy_uj", "5\n"); /* states no range */
  cr_assert_lt(l4r_energy_stop(&energy), 0);
  cr_assert(strstr(energy.reason, "went round"));
}
