# SPDX-License-Identifier: BSD-3-Clause
CFLAGS ?= -O2 -g -Wall -Wextra

engine.so: engine.c
	$(CC) $(CFLAGS) -std=c11 -Iinclude -shared -fPIC -o $@ engine.c

clean:
	rm -f engine.so
