/* SPDX-License-Identifier: BSD-3-Clause */
/* Latency against load: a point a record of the server scenario. */
#include "bench/export/load.h"

#include <math.h>

const char l4r_load_columns[] =
    "group\tarm\tthread\tthreads\trate\tachieved\tload\tp50_ns\tp50_lo\t"
    "p50_hi\tp99_ns\tp99_lo\tp99_hi\tservice_p50_ns\tbound_ns\tverdict\t"
    "knee\tlabel";

int l4r_export_load(const struct l4r_row *row, const char *group, FILE *stream) {
  const struct l4r_shown p50 = l4r_row_latency(row, "p50");
  if (!(row->rate > 0) || isnan(p50.value)) return 0;
  const double knee = l4r_row_number(row, "knee.rate");
  const int is_knee = knee <= row->rate && knee >= row->rate; /* both from one record */
  const char *verdict = l4r_row_text(row, "server.verdict");
  const struct l4r_shown service = {l4r_row_number(row, "server.service_p50_ns.value"), NAN, NAN};
  fprintf(stream, "%s\t%d\t%d\t%lld\t%.10g\t%.10g\t%.10g", group, row->arm, row->thread,
          (long long)row->threads, row->rate, l4r_row_number(row, "server.rate_achieved"),
          l4r_row_number(row, "server.load"));
  l4r_export_figure(stream, p50);
  l4r_export_figure(stream, l4r_row_latency(row, "p99"));
  if (isnan(service.value))
    fputs("\t-", stream);
  else
    fprintf(stream, "\t%.10g", service.value);
  fprintf(stream, "\t%.10g\t%s\t%d\t%s\n", l4r_row_number(row, "server.bound_ns"),
          *verdict ? verdict : "-", is_knee, row->label);
  return 1;
}
