/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/machine/topology.h"

#include <hwloc.h>
#include <stdio.h>
#include <string.h>

enum { XML_MOST = 64 * 1024 };

/* A list of what may stay, because what hwloc adds differs between its versions. */
static int may_stay(const char *info) {
  static const char *const names[] = {"CPUVendor",   "CPUFamilyNumber", "CPUModelNumber",
                                      "CPUModel",    "CPUStepping",     "Inclusive",
                                      "hwlocVersion"};
  static const char key[] = "name=\"";
  const char *name = strstr(info, key);
  if (!name) return 0;
  name += strlen(key);
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (!strncmp(name, names[i], strlen(names[i])) && name[strlen(names[i])] == '"') return 1;
  return 0;
}

void l4r_topology_strip(char *xml) {
  char *at = xml;
  while ((at = strstr(at, "<info "))) {
    char *end = strchr(at, '>');
    if (!end) {
      *at = '\0'; /* cut off in the middle: nothing of it may stay */
      return;
    }
    const char last = *end;
    *end = '\0';
    const int stays = may_stay(at);
    *end++ = last;
    if (stays) {
      at = end;
      continue;
    }
    while (at > xml && (at[-1] == ' ' || at[-1] == '\t')) at--;
    if (*end == '\n') end++;
    memmove(at, end, strlen(end) + 1);
  }
}

static json_t *stripped_xml(hwloc_topology_t topology) {
  char *xml;
  int bytes;
  if (hwloc_topology_export_xmlbuffer(topology, &xml, &bytes, 0)) return json_null();
  l4r_topology_strip(xml);
  json_t *fact = strlen(xml) <= XML_MOST ? json_string(xml) : NULL;
  hwloc_free_xmlbuffer(topology, xml);
  return fact ? fact : json_null();
}

static json_t *caches_of(hwloc_topology_t topology) {
  static const hwloc_obj_type_t types[] = {HWLOC_OBJ_L1CACHE, HWLOC_OBJ_L2CACHE, HWLOC_OBJ_L3CACHE};
  json_t *caches = json_array();
  for (int i = 0; i < 3; ++i) {
    const int count = hwloc_get_nbobjs_by_type(topology, types[i]);
    if (count <= 0) continue;
    hwloc_obj_t cache = hwloc_get_obj_by_type(topology, types[i], 0);
    json_array_append_new(caches, json_pack("{s:i, s:I, s:i}", "level", i + 1, "bytes",
                                            (json_int_t)cache->attr->cache.size, "count", count));
  }
  return caches;
}

json_t *l4r_topology_facts(void) {
  hwloc_topology_t topology;
  char line[1024];
  if (hwloc_topology_init(&topology)) return json_null();
  json_t *facts = NULL;
  if (!hwloc_topology_load(topology)) {
    const int even = hwloc_topology_export_synthetic(topology, line, sizeof line, 0) > 0;
    facts = json_pack("{s:i, s:i, s:i, s:i, s:i, s:o, s:o, s:o}", "packages",
                      hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_PACKAGE), "numa_nodes",
                      hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_NUMANODE), "cores",
                      hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_CORE), "processors",
                      hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_PU), "kinds",
                      hwloc_cpukinds_get_nr(topology, 0), "caches", caches_of(topology),
                      "synthetic", even ? json_string(line) : json_null(), "xml",
                      even ? json_null() : stripped_xml(topology));
  }
  hwloc_topology_destroy(topology);
  return facts ? facts : json_null();
}
