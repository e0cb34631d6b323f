# SPDX-License-Identifier: BSD-3-Clause
"""A model that is raced, and lite4rec's side of it."""
import json
import os
import re
import shutil
import subprocess
import sys

from train_data import Dataset, Feed, Prompts, Windows, read_safetensors
from train_models import build

SETTINGS = {  # what each kind trains with; one set for both sides
    "sasrec": {"batch": 128, "history": 200, "lr": 1e-3, "decay": 0.0, "dropout": 0.2},
    "lite": {"batch": 64, "history": 50, "lr": 3e-3, "decay": 0.01, "dropout": 0.2},
    "p5": {"batch": 64, "history": 20, "lr": 1e-3, "decay": 0.01, "dropout": 0.1},
}
PREFIXES, SEED = 8, 1


class Arm:
    """KIND[-ITEMS]-SIZE: sasrec-mini, lite-id-mini, lite-text-mini, p5-mini."""

    def __init__(self, name, options):
        parts = name.split("-")
        if parts[0] not in SETTINGS or len(parts) != (3 if parts[0] == "lite" else 2):
            raise SystemExit("unknown arm %s; arms are sasrec-SIZE, lite-id-SIZE, lite-text-SIZE "
                             "and p5-SIZE" % name)
        self.name, self.kind, self.size = name, parts[0], parts[-1]
        self.settings = dict(SETTINGS[self.kind], warmup=100, clip=1.0)
        self.options, self.overhead = options, 1.0
        self.folder = os.path.join(options.work, name)
        self.extra = []
        if self.kind == "lite":
            self.extra = ["--items", parts[1], "--attention", "causal"]
        if self.kind == "p5":
            self.extra = ["--answers", "1", "--prefixes", str(PREFIXES), "--validation-users", "50"]

    def train(self, name, *more, precision="fp32", **changed):
        """Runs lite4rec train into a folder of that name; its log's lines."""
        out, s = os.path.join(self.folder, name), dict(self.settings, **changed)
        shutil.rmtree(out, ignore_errors=True)
        command = [self.options.lite4rec, "train", self.kind, "--data", self.options.data, "--out",
                   out, "--size", self.size, "--seed", str(SEED), "--threads",
                   str(self.options.threads), "--precision", precision, "--schedule", "constant", "--patience", "0"]
        for key in ("batch", "history", "lr", "decay", "dropout", "warmup", "clip"):
            command += ["--" + key, repr(s[key])]
        command += self.extra + list(more)
        clean = {key: value for key, value in os.environ.items() if key != "LD_LIBRARY_PATH" and
                 not re.match(r"(OMP|OPENBLAS|BLIS|GOMP)_", key)}
        done = subprocess.run(command, env=clean, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              universal_newlines=True, check=False)
        if done.returncode:
            sys.stderr.write(done.stdout)
            raise SystemExit("%s: exit %d" % (" ".join(command), done.returncode))
        log = os.path.join(out, "training.jsonl")
        if not os.path.exists(log):
            return []
        with open(log, encoding="utf-8") as source:
            return [json.loads(line) for line in source]

    def timed(self, name, seconds, precision="fp32", **changed):
        """Some seconds of steps. The bound counts validation too: it is lengthened until enough."""
        for _ in range(6):
            minutes = (seconds + self.overhead) / 60
            lines = self.train(name, "--minutes", repr(minutes), precision=precision, **changed)
            spent = sum(line["seconds"] for line in lines)
            if lines:
                self.overhead = max(lines[-1]["total_seconds"] - spent, 0.5)
                # Time kept in reserve for the last validation and not used in the end.
                self.overhead += max(minutes * 60 - lines[-1]["total_seconds"], 0)
            else:
                self.overhead *= 2
            if spent >= 0.6 * seconds:
                return lines
        raise SystemExit("%s: no steps within %.1f s; give ROUND_SECONDS more" %
                         (self.name, seconds + self.overhead))

    def prepare(self):
        """Reads the weights, which are drawn unless this is the process of one run."""
        if not self.options.peer:
            self.train("weights", "--epochs", "0")
        folder = os.path.join(self.folder, "weights")
        with open(os.path.join(folder, "config.json"), encoding="utf-8") as source:
            self.config = json.load(source)
        self.weights = read_safetensors(os.path.join(folder, "model.safetensors"))
        dataset = Dataset(self.options.data)
        source = (Prompts(dataset, self.config, folder, PREFIXES) if self.kind == "p5" else
                  Windows(dataset, self.config, folder))
        self.feed = Feed(source, SEED, self.settings["batch"])

    def model(self):
        return build(self.config, {name: value.copy() for name, value in self.weights.items()})


def summed(lines):
    seconds = sum(line["seconds"] for line in lines)
    targets = sum(line["targets"] for line in lines)
    return {"seconds": seconds, "targets": targets, "updates": lines[-1]["updates"],
            "targets_per_second": targets / seconds,
            "tokens_per_second": sum(line["tokens"] for line in lines) / seconds,
            "flops_per_target": sum(line["gflops"] for line in lines) * 1e9 / targets,
            "loss": sum(line["loss"] * line["targets"] for line in lines) / targets,
            "ceiling": lines[-1]["ceiling"],
            "ceiling_gflops": max(line["ceiling_gflop_per_second"] for line in lines)}
