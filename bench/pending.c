/* Weak stand-ins for parts that have not landed; removed before first light. */
#include "baselines/beam/beam.h"
#include "bench/commands/commands.h"
#include "impl/base/error.h"
#include "impl/lite/lite.h"
#include "impl/stack.h"

#define WEAK __attribute__((weak))
WEAK const struct l4r_engine l4r_engine_beam = {.name = "beam"};
#define PENDING(name)                                                                              \
  WEAK int l4r_command_##name(int argc, char **argv) {                                             \
    return l4r_fail(L4R_USAGE, #name " is not built yet");                                         \
  }
PENDING(data)
PENDING(train)
PENDING(run)
PENDING(eval)
PENDING(claims)
PENDING(info)
PENDING(verify)
PENDING(export)
PENDING(round)
