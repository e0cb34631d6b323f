/* SPDX-License-Identifier: BSD-3-Clause */
/* The ceilings are positive, add up over workers' counts, and no measured work exceeds the
 * registers' ceiling beyond the clock's drift. Speeds themselves are never asserted. */
#include "bench/ceiling/encoder.h"
#include "bench/ceiling/read.h"
#include "bench/ceiling/stream.h"
#include "impl/base/cpu.h"
#include "impl/base/error.h"
#include "impl/ceiling/ceiling.h"

#include <criterion/criterion.h>
#include <string.h>

Test(ceiling, sgemm_is_measured) {
  double sgemm = -1;
  cr_assert_eq(l4r_ceiling_sgemm(NULL, 0.02, &sgemm), 0, "%s", l4r_error_message());
  cr_assert_gt(sgemm, 0);
}

/* One zero bit anywhere must reach the result, with every set of vectors. */
Test(ceiling, reading_reads_every_byte) {
  enum { BYTES = 2048 };
  static _Alignas(64) unsigned char buffer[BYTES];
  memset(buffer, 255, BYTES);
  for (int isa = 0; isa < L4R_ISAS; isa++) {
    if (!l4r_cpu_offers((enum l4r_isa)isa)) continue;
    cr_expect_eq(l4r_read_loop((enum l4r_isa)isa, buffer, BYTES), UINT32_MAX);
    for (int i = 0; i < BYTES; i++) {
      buffer[i] = 254;
      uint32_t all = l4r_read_loop((enum l4r_isa)isa, buffer, BYTES);
      cr_assert_eq(all, ~(1u << 8 * (i % 4)), "byte %d, %s: %x", i, l4r_isa_name((enum l4r_isa)isa),
                   all);
      buffer[i] = 255;
    }
  }
}

Test(ceiling, what_is_read_fits_its_level_and_no_earlier_one) {
  const struct l4r_read_caches zen4 = {{32 << 10, 1 << 20, 32 << 20}, {1, 1, 2}};
  cr_expect_eq(l4r_read_bytes(&zen4, 1), 16 << 10);
  cr_expect_eq(l4r_read_bytes(&zen4, 2), 512 << 10);
  cr_expect_eq(l4r_read_bytes(&zen4, 3), 8 << 20, "half of a worker's share");
  cr_expect_eq(l4r_read_bytes(&zen4, 4), 64 << 20, "two workers read four times the cache");
  const struct l4r_read_caches large = {{48 << 10, 2 << 20, 480 << 20}, {1, 1, 12}};
  cr_expect_eq(l4r_read_bytes(&large, 4), 160 << 20, "of all workers together, not of each");
  const struct l4r_read_caches many = {{32 << 10, 2 << 20, 36 << 20}, {1, 1, 24}};
  cr_expect_eq(l4r_read_bytes(&many, 3), 0, "1.5 MB of it a worker, less than the level before");
  const struct l4r_read_caches bare = {{32 << 10, 0, 0}, {1, 0, 0}};
  cr_expect_eq(l4r_read_bytes(&bare, 2), 0);
  cr_expect_eq(l4r_read_bytes(&bare, 3), 0);
  cr_expect_eq(l4r_read_bytes(&bare, 4), 64 << 20);
}

Test(ceiling, reading_is_measured) {
  struct l4r_team *team;
  struct l4r_read_caches caches;
  double speed;
  cr_assert_eq(l4r_team_create(2, NULL, &team), 0);
  cr_assert_eq(l4r_read_caches_find(2, &caches), 0, "%s", l4r_error_message());
  cr_expect_geq(caches.bytes[0], 0);
  cr_assert_eq(l4r_ceiling_read(team, 1 << 14, 0.02, &speed), 0, "%s", l4r_error_message());
  cr_expect_gt(speed, 0);
  cr_expect_eq(l4r_ceiling_read(team, 100, 0.02, &speed), L4R_USAGE);
  l4r_team_free(team);
}

Test(ceiling, encoder_speed_is_consistent) {
  struct l4r_team *team;
  struct l4r_encoder_speed speed;
  struct l4r_encoder_bench bench = {.size = "tiny",
                                    .precision = "fp32",
                                    .history = 20,
                                    .batch = 5,
                                    .items = 100,
                                    .k = 10,
                                    .rounds = 2,
                                    .seconds = 0.01};
  cr_assert_eq(l4r_team_create(2, NULL, &team), 0);
  cr_assert_eq(l4r_bench_encoder(team, &bench, &speed), 0, "%s", l4r_error_message());
  cr_assert_gt(speed.users_per_second, 1);
  cr_assert_gt(speed.share, 0);
  cr_assert_gt(speed.model_gflops, speed.gflops);
  cr_assert_gt(speed.ceiling.gops, 0);
  cr_assert_eq(speed.ceiling.unit->operands, L4R_PEAK_FP32);
  cr_assert_float_eq(speed.share, speed.gflops / speed.ceiling.gops, 1e-9);
  cr_assert_float_eq(speed.model_share / speed.share, speed.model_gflops / speed.gflops, 1e-6);
  bench.size = "huge";
  cr_assert_eq(l4r_bench_encoder(team, &bench, &speed), L4R_USAGE);
  bench.size = "tiny";
  bench.precision = "fp7";
  cr_assert_eq(l4r_bench_encoder(team, &bench, &speed), L4R_USAGE);
  bench.rounds = 0;
  cr_assert_eq(l4r_bench_encoder(team, &bench, &speed), L4R_USAGE);
  cr_assert(strstr(l4r_error_message(), "rounds 0"), "%s", l4r_error_message());
  l4r_team_free(team);
}

Test(ceiling, streams_count_the_weights_once) {
  struct l4r_stream_bench bench = {.precision = "fp32", .bytes = 1 << 18, .seconds = .01};
  struct l4r_stream_speed all, top;
  struct l4r_team *team;
  cr_assert_eq(l4r_team_create(2, NULL, &team), 0);
  cr_assert_eq(l4r_bench_stream(team, &bench, &all), 0, "%s", l4r_error_message());
  cr_expect_eq(all.items, 128, "rows of 512 floats");
  cr_expect_geq(all.bytes, 1 << 18);
  cr_expect_gt(all.gb_per_s, 0);
  bench.top = 10;
  cr_assert_eq(l4r_bench_stream(team, &bench, &top), 0, "%s", l4r_error_message());
  cr_expect_eq(top.bytes, all.bytes);
  bench.precision = "fp7";
  cr_expect_eq(l4r_bench_stream(team, &bench, &top), L4R_USAGE);
  l4r_team_free(team);
}
