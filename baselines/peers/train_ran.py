# SPDX-License-Identifier: BSD-3-Clause
"""What a race of trainings ran with: libraries, processor, data, programs."""
import ctypes
import hashlib
import json
import os
import platform
import re
import subprocess

import torch


def mapped(pattern):
    with open("/proc/self/maps", encoding="utf-8") as source:
        paths = {line.split()[-1] for line in source if re.search(pattern, line)}
    return sorted(os.path.realpath(path) for path in paths)


def library(path):
    with open(path, "rb") as source:
        entry = {"path": path, "sha256": hashlib.sha256(source.read()).hexdigest()}
    if "openblas" in path:
        loaded = ctypes.CDLL(path)
        try:
            loaded.openblas_get_corename.restype = ctypes.c_char_p
            loaded.openblas_get_config.restype = ctypes.c_char_p
            entry["kernels"] = loaded.openblas_get_corename().decode()
            entry["config"] = loaded.openblas_get_config().decode()
        except AttributeError:  # the thin libblas.so.3 of some builds hands on to libopenblas
            pass
    return entry


def package(name):
    try:
        return subprocess.run(["dpkg-query", "-W", "-f=${Version}", name], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, universal_newlines=True,
                              check=False).stdout or None
    except OSError:
        return None


def described(options):
    torch.mm(torch.ones(64, 64), torch.ones(64, 64))  # the library is surely there now
    with open("/proc/cpuinfo", encoding="utf-8") as source:
        model = re.search(r"model name\s*: (.*)", source.read())
    with open(os.path.join(options.data, "dataset.json"), encoding="utf-8") as source:
        dataset = json.load(source)
    capability = re.search(r"CPU capability usage: (\S+)", torch.__config__.show())
    return {"schema": 1, "kind": "train-speed", "cpu": model and model.group(1),
            "machine": platform.machine(), "threads": options.threads,
            "torch": torch.__version__, "torch_package": package("python3-torch"),
            "torch_threads": torch.get_num_threads(),
            "torch_capability": capability and capability.group(1),
            "blas": [library(path) for path in mapped(r"/lib(blas|openblas|blis|atlas)[^/]*\.so")],
            "blas_candidates": json.loads(os.environ.get("BLAS_CANDIDATES", "null")),
            "python": platform.python_version(), "lite4rec_version": version(options.lite4rec),
            "dataset": {key: dataset.get(key) for key in ("name", "users", "items", "sha256")},
            "precision_allowed": options.precision, "rounds": options.rounds,
            "round_seconds": options.seconds}


def version(program):
    with open(program, "rb") as source:
        return {"sha256": hashlib.sha256(source.read()).hexdigest(),
                "commit": subprocess.run(["git", "describe", "--always", "--dirty"],
                                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                         universal_newlines=True,
                                         check=False).stdout.strip() or None}
