/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/run/interrupt.h"

#include <string.h>

static volatile sig_atomic_t came, waited_for;

/* A child may be in the middle of hours of work; what it had so far is lost. */
static void note(int number) {
  came = number;
  if (waited_for > 0) kill(waited_for, SIGKILL);
}

void l4r_interrupt_begin(struct l4r_interrupt *old) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = note;
  action.sa_flags = (int)(SA_RESTART | SA_RESETHAND);
  sigemptyset(&action.sa_mask);
  came = 0;
  waited_for = 0;
  sigaction(SIGINT, &action, &old->interrupt);
  sigaction(SIGTERM, &action, &old->terminate);
}

void l4r_interrupt_end(const struct l4r_interrupt *old) {
  sigaction(SIGINT, &old->interrupt, NULL);
  sigaction(SIGTERM, &old->terminate, NULL);
}

void l4r_interrupt_child(int child) {
  waited_for = child;
  if (child > 0 && came) kill(child, SIGKILL); /* it came before the child was known */
}

int l4r_interrupted(void) {
  return came;
}
