# SPDX-License-Identifier: BSD-3-Clause
CFLAGS ?= -O2 -g -Wall -Wextra

engine: engine.c
	$(CC) $(CFLAGS) -std=gnu11 $$(pkg-config --cflags jansson) -o $@ engine.c $$(pkg-config --libs jansson)

clean:
	rm -f engine
