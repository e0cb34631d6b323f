/* SPDX-License-Identifier: BSD-3-Clause */
/* BLAS libraries, opened by name and in a scope of their own, so that their symbols (all of them
 * export cblas_sgemm) do not meet. */
#include "bench/ceiling/gemm_libraries.h"
#include "bench/ceiling/gemm.h"
#include "impl/base/blas.h"

#include <blis.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { ROW_MAJOR = 101, NO_TRANSPOSE = 111, TRANSPOSE = 112 }; /* of CBLAS */

static const float *weights_of(const struct l4r_gemm_shape *shape,
                               const struct l4r_gemm_operands *o, enum l4r_gemm_layout layout,
                               int64_t *ld) {
  *ld = layout == L4R_GEMM_OUT ? shape->k : layout == L4R_GEMM_IN ? shape->n : o->pad_ld;
  return layout == L4R_GEMM_OUT ? o->w_out : layout == L4R_GEMM_IN ? o->w_in : o->w_pad;
}

static void blis_multiply(const struct l4r_gemm_library *library,
                          const struct l4r_gemm_shape *shape, const struct l4r_gemm_operands *o,
                          enum l4r_gemm_layout layout) {
  int64_t ld;
  const float *w = weights_of(shape, o, layout, &ld);
  const int out = layout == L4R_GEMM_OUT; /* [n][k] read as [k][n]: its strides change places */
  float one = 1, zero = 0;
  rntm_t runtime; /* threaded as BLIS is: 1.x's BLIS_RNTM_INITIALIZER would say one thread */
  bli_rntm_init_from_global(&runtime);
  bli_rntm_set_num_threads(library->threads, &runtime);
  bli_sgemm_ex(BLIS_NO_TRANSPOSE, BLIS_NO_TRANSPOSE, shape->m, shape->n, shape->k, &one,
               (float *)o->a, shape->k, 1, (float *)w, out ? 1 : ld, out ? ld : 1, &zero, o->c,
               shape->n, 1, NULL, &runtime);
}

typedef void cblas_function(int order, int transpose_a, int transpose_b, int m, int n, int k,
                            float alpha, const float *a, int lda, const float *b, int ldb,
                            float beta, float *c, int ldc);

static void cblas_multiply(const struct l4r_gemm_library *library,
                           const struct l4r_gemm_shape *shape, const struct l4r_gemm_operands *o,
                           enum l4r_gemm_layout layout) {
  int64_t ld;
  const float *w = weights_of(shape, o, layout, &ld);
  cblas_function *sgemm;
  memcpy(&sgemm, &library->function, sizeof sgemm);
  sgemm(ROW_MAJOR, NO_TRANSPOSE, layout == L4R_GEMM_OUT ? TRANSPOSE : NO_TRANSPOSE, (int)shape->m,
        (int)shape->n, (int)shape->k, 1, o->a, (int)shape->k, w, (int)ld, 0, o->c, (int)shape->n);
}

typedef int onednn_function(char transpose_a, char transpose_b, int64_t m, int64_t n, int64_t k,
                            float alpha, const float *a, int64_t lda, const float *b, int64_t ldb,
                            float beta, float *c, int64_t ldc);

static void onednn_multiply(const struct l4r_gemm_library *library,
                            const struct l4r_gemm_shape *shape, const struct l4r_gemm_operands *o,
                            enum l4r_gemm_layout layout) {
  int64_t ld;
  const float *w = weights_of(shape, o, layout, &ld);
  onednn_function *sgemm;
  memcpy(&sgemm, &library->function, sizeof sgemm);
  sgemm('N', layout == L4R_GEMM_OUT ? 'T' : 'N', shape->m, shape->n, shape->k, 1, o->a, shape->k, w,
        ld, 0, o->c, shape->n);
}

static void *symbol(void *handle, const char *name, void *function, size_t size) {
  void *found = dlsym(handle, name);
  if (found) memcpy(function, &found, size);
  return found;
}

static void note_path(struct l4r_gemm_library *library, const void *inside) {
  Dl_info info;
  if (dladdr(inside, &info) && info.dli_fname)
    snprintf(library->path, sizeof library->path, "%s", info.dli_fname);
}

/* `way`: of looking for it, a variable that holds its path, and names. */
struct way {
  const char *variable, *names[4], *remedy;
};

/* The object that the variable names, or the first of the names that is found; NULL, and why. */
static void *open_any(const struct way *way, char why[256]) {
  const char *path = getenv(way->variable);
  void *handle = NULL;
  if (path && *path) {
    handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!handle) snprintf(why, 256, "%s cannot be opened: %.180s", way->variable, dlerror());
    return handle;
  }
  for (int n = 0; way->names[n] && !handle; n++)
    handle = dlopen(way->names[n], RTLD_NOW | RTLD_LOCAL);
  if (!handle)
    snprintf(why, 256, "%s is not installed: %s, or give its path in %s", way->names[0],
             way->remedy, way->variable);
  return handle;
}

/* The object is there and is not what its name says. */
static int is_other(const struct way *way, char why[256]) {
  snprintf(why, 256, "%s lacks functions that are asked of it", way->names[0]);
  return 0;
}

/* Opens a library and finds the function that multiplies; 0, and why. */
static int open_by(const struct way *way, const char *function, struct l4r_gemm_library *library,
                   char why[256]) {
  library->handle = open_any(way, why);
  if (!library->handle) return 0;
  library->function = dlsym(library->handle, function);
  return library->function ? 1 : is_other(way, why);
}

static int open_blis(int threads, struct l4r_gemm_library *library, char why[256]) {
  (void)why; /* linked */
  *library = (struct l4r_gemm_library){
      .name = "BLIS", .multiply = blis_multiply, .threads = threads};
  const char *kernels = l4r_blas_open();
  snprintf(library->version, sizeof library->version, "%s, kernels %s", bli_info_get_version_str(),
           kernels);
  void (*inside)(void) = (void (*)(void))bli_info_get_version_str;
  void *address;
  memcpy(&address, &inside, sizeof address);
  note_path(library, address);
  return 1;
}

/* Whether these are kernels of AVX-512 (2), AVX2 with FMA (1), or less (0). */
static int level_of(const char *core) {
  static const char *const wide[] = {"SkylakeX", "Cooperlake", "SapphireRapids"};
  static const char *const middle[] = {"Haswell", "Zen", "Excavator"};
  for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
    if (!strcasecmp(core, wide[i])) return 2;
  for (size_t i = 0; i < sizeof middle / sizeof *middle; i++)
    if (!strcasecmp(core, middle[i])) return 1;
  return 0;
}

void l4r_gemm_openblas_note(const char *core, const struct l4r_cpu *cpu, const char *variable,
                            char *note, size_t size) {
  const int set = variable && *variable, can = cpu->avx512 ? 2 : cpu->avx2;
  *note = '\0';
  if (level_of(core) < can)
    snprintf(note, size,
             "%s kernels on this processor%s: for faster ones set "
             "OPENBLAS_CORETYPE=%s",
             core, set ? ", as OPENBLAS_CORETYPE asks" : "", can == 2 ? "SkylakeX" : "Haswell");
  else if (set)
    snprintf(note, size, "%s kernels, as OPENBLAS_CORETYPE=%s asks", core, variable);
}

static int open_openblas(int threads, struct l4r_gemm_library *library, char why[256]) {
  static const struct way way = {"LITE4REC_OPENBLAS",
                                 {"libopenblas.so.0", "libopenblas.so"},
                                 "apt-get install libopenblas0-pthread"};
  void (*set_threads)(int);
  char *(*config)(void), *(*core)(void);
  *library = (struct l4r_gemm_library){
      .name = "OpenBLAS", .multiply = cblas_multiply, .threads = threads};
  if (!open_by(&way, "cblas_sgemm", library, why)) return 0;
  void *const handle = library->handle;
  if (!symbol(handle, "openblas_set_num_threads", &set_threads, sizeof set_threads) ||
      !symbol(handle, "openblas_get_config", &config, sizeof config) ||
      !symbol(handle, "openblas_get_corename", &core, sizeof core))
    return is_other(&way, why);
  set_threads(threads);
  snprintf(library->version, sizeof library->version, "%s, kernels %s", config(), core());
  l4r_gemm_openblas_note(core(), l4r_cpu(), getenv("OPENBLAS_CORETYPE"), library->note,
                         sizeof library->note);
  note_path(library, library->function);
  return 1;
}

/* What oneDNN generates code for; numbers that versions 2 and 3 have in common, else as they are.
 */
static void note_onednn_isa(struct l4r_gemm_library *library) {
  static const struct {
    int number;
    const char *name;
  } known[] = {{0x1, "SSE4.1"},   {0x3, "AVX"},           {0x7, "AVX2"},
               {0x27, "AVX-512"}, {0x67, "AVX-512 VNNI"}, {0xe7, "AVX-512 BF16"}};
  int (*effective)(void);
  if (!symbol(library->handle, "dnnl_get_effective_cpu_isa", &effective, sizeof effective)) return;
  const int isa = effective();
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (known[i].number == isa)
      snprintf(library->note, sizeof library->note, "code for %s", known[i].name);
  if (!*library->note)
    snprintf(library->note, sizeof library->note, "code for oneDNN's instruction set 0x%x",
             (unsigned)isa);
}

static int open_onednn(int threads, struct l4r_gemm_library *library, char why[256]) {
  static const struct way way = {"LITE4REC_ONEDNN",
                                 {"libdnnl.so.3", "libdnnl.so.2", "libdnnl.so"},
                                 "apt-get install libdnnl3 (Debian 12: libdnnl2)"};
  const struct {
    int major, minor, patch;
    const char *hash;
    unsigned runtimes[2];
  } *(*version)(void), *v;
  void (*set_threads)(int);
  *library = (struct l4r_gemm_library){
      .name = "oneDNN", .multiply = onednn_multiply, .threads = threads};
  if (!open_by(&way, "dnnl_sgemm", library, why)) return 0;
  void *const handle = library->handle;
  if (!symbol(handle, "dnnl_version", &version, sizeof version)) return is_other(&way, why);
  /* of the OpenMP library that oneDNN brings along */
  if (symbol(handle, "omp_set_num_threads", &set_threads, sizeof set_threads)) set_threads(threads);
  v = version();
  snprintf(library->version, sizeof library->version, "%d.%d.%d (%.12s), sgemm", v->major, v->minor,
           v->patch, v->hash);
  note_onednn_isa(library);
  note_path(library, library->function);
  return 1;
}

/* Of mkl_get_version. */
struct mkl_version {
  int major, minor, update;
  char *status, *build, *processor, *platform;
};

/* libmkl_rt chooses its threads at the first call; GNU's are those that are there everywhere. */
static int open_mkl(int threads, struct l4r_gemm_library *library, char why[256]) {
  enum { GNU_THREADS = 3 };
  static const struct way way = {
      "LITE4REC_MKL", {"libmkl_rt.so.3", "libmkl_rt.so.2", "libmkl_rt.so"}, "pip install mkl"};
  void (*set_threads)(int), (*version)(struct mkl_version *);
  int (*set_layer)(int);
  struct mkl_version v = {0};
  *library = (struct l4r_gemm_library){
      .name = "MKL", .multiply = cblas_multiply, .threads = threads};
  if (!open_by(&way, "cblas_sgemm", library, why)) return 0;
  void *const handle = library->handle;
  if (!symbol(handle, "MKL_Set_Num_Threads", &set_threads, sizeof set_threads) ||
      !symbol(handle, "MKL_Set_Threading_Layer", &set_layer, sizeof set_layer) ||
      !symbol(handle, "MKL_Get_Version", &version, sizeof version))
    return is_other(&way, why);
  set_layer(GNU_THREADS);
  set_threads(threads);
  version(&v);
  snprintf(library->version, sizeof library->version, "%d.%d.%d", v.major, v.minor, v.update);
  snprintf(library->note, sizeof library->note, "code for %s", v.processor ? v.processor : "?");
  note_path(library, library->function);
  return 1;
}

void l4r_gemm_libraries_open(int threads, struct l4r_gemm_libraries *libraries) {
  static int (*const open[])(int, struct l4r_gemm_library *,
                             char why[256]) = {open_blis, open_openblas, open_onednn, open_mkl};
  *libraries = (struct l4r_gemm_libraries){0};
  for (size_t i = 0; i < sizeof open / sizeof *open; i++) {
    struct l4r_gemm_library *library = &libraries->library[libraries->count];
    char why[256] = "";
    if (open[i](threads, library, why)) {
      libraries->count++;
      continue;
    }
    libraries->missing[libraries->absent].name = library->name;
    snprintf(libraries->missing[libraries->absent++].why, sizeof why, "%s", why);
  }
}
