/* SPDX-License-Identifier: BSD-3-Clause */
/* Labels of a figure come from records, and gnuplot escapes them; but a page is opened by whoever
 * gets it, so a drawing is not trusted: what is not known to be harmless leaves the figure out. */
#include "bench/report/svg.h"

#include "bench/report/html.h"
#include "impl/base/error.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const allowed[] = {
    "svg",  "defs",  "g",   "path",   "circle",  "rect",        "polygon",  "polyline", "line",
    "text", "tspan", "use", "filter", "feFlood", "feComposite", "clipPath", "mask",     "pattern"};
/* Their contents go too. */
static const char *const dropped[] = {"title", "desc"};

static int is_one_of(const char *name, size_t n, const char *const *list, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (strlen(list[i]) == n && !strncmp(list[i], name, n)) return 1;
  return 0;
}
#define IS_ONE_OF(name, n, list) is_one_of(name, n, list, sizeof list / sizeof *list)

struct drawing {
  FILE *out;
  int number;
  const char *label;
};

struct attribute {
  const char *name, *value;
  size_t name_bytes, value_bytes;
};

/* The next name="value" at *at, which moves on; 0 at the end of the tag, -1 for what is not one. */
static int next_attribute(const char **at, const char *end, struct attribute *found) {
  while (*at < end && (isspace((unsigned char)**at) || **at == '/')) ++*at;
  if (*at == end) return 0;
  found->name = *at;
  while (*at < end && !isspace((unsigned char)**at) && **at != '=') ++*at;
  found->name_bytes = (size_t)(*at - found->name);
  while (*at < end && isspace((unsigned char)**at)) ++*at;
  if (*at == end || **at != '=') return -1;
  ++*at;
  while (*at < end && isspace((unsigned char)**at)) ++*at;
  if (*at == end || !strchr("\"'", **at)) return -1;
  const char quote = *(*at)++;
  found->value = *at;
  while (*at < end && **at != quote) ++*at;
  if (*at == end) return -1;
  found->value_bytes = (size_t)(*at - found->value);
  ++*at;
  return 1;
}

static int is_named(const struct attribute *attribute, const char *name) {
  return attribute->name_bytes == strlen(name) &&
         !strncmp(attribute->name, name, attribute->name_bytes);
}

/* A value with "url(#x)" pointing to the prefixed id; 0 when it points out of the drawing. */
static int write_value(struct drawing *d, const struct attribute *attribute) {
  const char *at = attribute->value, *end = at + attribute->value_bytes;
  while (at < end) {
    if ((size_t)(end - at) > 4 && !strncasecmp(at, "url(", 4)) {
      if (at[4] != '#') return 0;
      fprintf(d->out, "url(#f%d-", d->number);
      at += 5;
      continue;
    }
    if (*at == '<' || *at == '\\') return 0;
    fputs(*at == '"' ? "&quot;" : (char[]){*at, '\0'}, d->out);
    at++;
  }
  return 1;
}

static int write_attribute(struct drawing *d, const struct attribute *attribute) {
  const int refers = is_named(attribute, "xlink:href") || is_named(attribute, "href");
  if (!strncasecmp(attribute->name, "on", 2)) return 0;
  if (!strncmp(attribute->name, "xmlns", 5)) return 1; /* a page knows them */
  if (refers && (!attribute->value_bytes || *attribute->value != '#')) return 0;
  fprintf(d->out, " %.*s=\"", (int)attribute->name_bytes, attribute->name);
  struct attribute rest = *attribute;
  if (refers) {
    fprintf(d->out, "#f%d-", d->number);
    rest.value++, rest.value_bytes--;
  } else if (is_named(attribute, "id")) {
    fprintf(d->out, "f%d-", d->number);
  }
  if (!write_value(d, &rest)) return 0;
  fputc('"', d->out);
  return 1;
}

/* A tag's inside, "g fill='none'"; 0 when something in it may not be there. */
static int write_tag(struct drawing *d, const char *tag, const char *end) {
  const char *at = tag;
  struct attribute attribute;
  int more;
  if (*at == '/') {
    fprintf(d->out, "<%.*s>", (int)(end - tag), tag);
    return 1;
  }
  while (at < end && !isspace((unsigned char)*at) && *at != '/') at++;
  const int root = at - tag == 3 && !strncmp(tag, "svg", 3);
  fprintf(d->out, "<%.*s", (int)(at - tag), tag);
  if (root) {
    fputs(" role=\"img\" aria-label=\"", d->out);
    l4r_html_text(d->out, d->label);
    fputc('"', d->out);
  }
  while ((more = next_attribute(&at, end, &attribute)) > 0)
    if (!write_attribute(d, &attribute)) return 0;
  fputs(end[-1] == '/' ? "/>" : ">", d->out);
  return !more;
}

static int refuse(const char *at) {
  return l4r_fail(L4R_INPUT, "the drawing holds what a page does not take: %.40s", at);
}

/* Behind the end of the dropped element that begins at `at`. */
static const char *skip_element(const char *at, const char *name, size_t n) {
  char close[16];
  snprintf(close, sizeof close, "</%.*s>", (int)n, name);
  const char *end = strstr(at, close);
  return end ? end + strlen(close) : NULL;
}

static int write_all(struct drawing *d, const char *at) {
  while (*at) {
    if (*at != '<') {
      fputc(*at++, d->out);
      continue;
    }
    if (!strncmp(at, "<!--", 4)) {
      const char *end = strstr(at, "-->");
      if (!end) return refuse(at);
      at = end + 3;
      continue;
    }
    const char *name = at + 1 + (at[1] == '/'), *end = strchr(at, '>');
    const size_t n = strcspn(name, " \t\r\n/>");
    if (!end) return refuse(at);
    if (IS_ONE_OF(name, n, dropped)) {
      if (!(at = skip_element(at, name, n))) return refuse(name);
      continue;
    }
    if (!IS_ONE_OF(name, n, allowed) || !write_tag(d, at + 1, end)) return refuse(at);
    at = end + 1;
  }
  return L4R_OK;
}

int l4r_svg_inline(FILE *page, const char *svg, int number, const char *label) {
  const char *begin = strstr(svg, "<svg");
  if (!begin || !strstr(begin, "</svg>")) return l4r_fail(L4R_INPUT, "it is not a whole SVG");
  char *text = NULL;
  size_t bytes = 0;
  struct drawing drawing = {open_memstream(&text, &bytes), number, label};
  if (!drawing.out) return l4r_fail(L4R_ENVIRONMENT, "no memory for a figure");
  int status = write_all(&drawing, begin);
  if (fclose(drawing.out)) status = l4r_fail(L4R_ENVIRONMENT, "no memory for a figure");
  if (!status) fwrite(text, 1, bytes, page);
  free(text);
  return status;
}
