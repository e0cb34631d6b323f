/* SPDX-License-Identifier: BSD-3-Clause */
/* Arm's kernels name a processor by numbers alone: who made it and which part it is (MIDR_EL1). The
 * names are those of Linux' asm/cputype.h and of util-linux' lscpu. */
#include "bench/machine/cpu_arm.h"

#include <stdio.h>

enum { ARM = 0x41, FUJITSU = 0x46, HISILICON = 0x48, CAVIUM = 0x43, NVIDIA = 0x4e };
enum { QUALCOMM = 0x51, APPLE = 0x61, MICROSOFT = 0x6d, PHYTIUM = 0x70, AMPERE = 0xc0 };

static const struct {
  int number;
  const char *name;
} makers[] = {{ARM, "Arm"},       {FUJITSU, "Fujitsu"},     {HISILICON, "HiSilicon"},
              {CAVIUM, "Cavium"}, {NVIDIA, "NVIDIA"},       {QUALCOMM, "Qualcomm"},
              {APPLE, "Apple"},   {MICROSOFT, "Microsoft"}, {PHYTIUM, "Phytium"},
              {AMPERE, "Ampere"}};

static const struct {
  int maker, part;
  const char *name;
} parts[] = {
    {ARM, 0xd03, "Cortex-A53"},         {ARM, 0xd04, "Cortex-A35"},
    {ARM, 0xd05, "Cortex-A55"},         {ARM, 0xd07, "Cortex-A57"},
    {ARM, 0xd08, "Cortex-A72"},         {ARM, 0xd09, "Cortex-A73"},
    {ARM, 0xd0a, "Cortex-A75"},         {ARM, 0xd0b, "Cortex-A76"},
    {ARM, 0xd0c, "Neoverse N1"},        {ARM, 0xd0d, "Cortex-A77"},
    {ARM, 0xd40, "Neoverse V1"},        {ARM, 0xd41, "Cortex-A78"},
    {ARM, 0xd44, "Cortex-X1"},          {ARM, 0xd46, "Cortex-A510"},
    {ARM, 0xd47, "Cortex-A710"},        {ARM, 0xd48, "Cortex-X2"},
    {ARM, 0xd49, "Neoverse N2"},        {ARM, 0xd4a, "Neoverse E1"},
    {ARM, 0xd4b, "Cortex-A78C"},        {ARM, 0xd4d, "Cortex-A715"},
    {ARM, 0xd4e, "Cortex-X3"},          {ARM, 0xd4f, "Neoverse V2"},
    {ARM, 0xd80, "Cortex-A520"},        {ARM, 0xd81, "Cortex-A720"},
    {ARM, 0xd82, "Cortex-X4"},          {ARM, 0xd83, "Neoverse V3AE"},
    {ARM, 0xd84, "Neoverse V3"},        {ARM, 0xd8e, "Neoverse N3"},
    {FUJITSU, 0x001, "A64FX"},          {HISILICON, 0xd01, "Kunpeng-920"},
    {CAVIUM, 0x0a1, "ThunderX"},        {CAVIUM, 0x0af, "ThunderX2"},
    {NVIDIA, 0x004, "Carmel"},          {QUALCOMM, 0x001, "Oryon"},
    {QUALCOMM, 0xc00, "Falkor"},        {APPLE, 0x022, "M1 Icestorm"},
    {APPLE, 0x023, "M1 Firestorm"},     {APPLE, 0x024, "M1 Pro Icestorm"},
    {APPLE, 0x025, "M1 Pro Firestorm"}, {APPLE, 0x028, "M1 Max Icestorm"},
    {APPLE, 0x029, "M1 Max Firestorm"}, {APPLE, 0x032, "M2 Blizzard"},
    {APPLE, 0x033, "M2 Avalanche"},     {MICROSOFT, 0xd49, "Azure Cobalt 100 (Neoverse N2)"},
    {AMPERE, 0xac3, "AmpereOne"},       {AMPERE, 0xac4, "AmpereOne A"}};

void l4r_cpu_arm_name(int maker, int part, char *out, size_t size) {
  const char *by = NULL, *name = NULL;
  for (size_t i = 0; i < sizeof makers / sizeof *makers; i++)
    if (makers[i].number == maker) by = makers[i].name;
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
    if (parts[i].maker == maker && parts[i].part == part) name = parts[i].name;
  if (name)
    snprintf(out, size, "%s %s", by, name);
  else if (by)
    snprintf(out, size, "%s, part 0x%03x", by, (unsigned)part);
  else
    snprintf(out, size, "implementer 0x%02x part 0x%03x", (unsigned)maker, (unsigned)part);
}
