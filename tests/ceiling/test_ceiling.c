/* The ceilings are positive, add up over workers' counts, and no measured work exceeds the
 * registers' ceiling beyond the clock's drift. Speeds themselves are never asserted. */
#include "bench/ceiling/encoder.h"
#include "bench/ceiling/fma.h"
#include "impl/base/ceiling.h"
#include "impl/base/error.h"

#include <criterion/criterion.h>
#include <string.h>

Test(ceiling, sgemm_and_fma_are_measured) {
  double sgemm = -1, fma = -1;
  cr_assert_eq(l4r_ceiling_sgemm(NULL, 0.02, &sgemm), 0, "%s", l4r_error_message());
  cr_assert_eq(l4r_ceiling_fma(NULL, 0.02, &fma), 0, "%s", l4r_error_message());
  cr_assert_gt(sgemm, 0.1);
  cr_assert_gt(fma, 0.1);
}

Test(ceiling, encoder_speed_is_consistent) {
  struct l4r_team *team;
  struct l4r_encoder_speed speed;
  struct l4r_encoder_bench bench = {.size = "tiny",
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
  cr_assert_float_eq(speed.model_share / speed.share, speed.model_gflops / speed.gflops, 1e-6);
  bench.size = "huge";
  cr_assert_eq(l4r_bench_encoder(team, &bench, &speed), L4R_USAGE);
  bench.rounds = 0;
  cr_assert_eq(l4r_bench_encoder(team, &bench, &speed), L4R_USAGE);
  cr_assert(strstr(l4r_error_message(), "rounds 0"), "%s", l4r_error_message());
  l4r_team_free(team);
}
