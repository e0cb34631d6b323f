# SPDX-License-Identifier: BSD-3-Clause
"""Training speed of lite4rec beside PyTorch on the same models, batches, threads and losses.

Started by train_speed.sh, which builds the data, picks the libblas and sets the threads. Per arm:

  weights   `lite4rec train ... --epochs 0` draws them; PyTorch reads the same model.safetensors
  parity    without dropout: the loss of the first batches from those weights (1e-4), and the mean
            loss while both train over the same batches with the same optimiser
  rounds    lite4rec, PyTorch, lite4rec, PyTorch ... for the same seconds of steps each, from the
            same weights over the same batches. PyTorch's first two steps are not timed, and it
            runs twice, its idle OpenMP threads spinning and sleeping: the faster run counts, for
            spinning wins on an idle machine and loses by a factor where others compute too

Precision: PRECISION=fp32 on both sides, or bf16 allowed on both: then lite4rec and PyTorch (autocast) run
in both in each round, and the faster one of a side counts. Parity is always that of fp32.

A round's ratio is of its neighbours. FLOPs are lite4rec's analytic count a target for both
sides, padding not counted; the ceiling is what lite4rec measured in that round.
"""

import argparse
import ctypes
import hashlib
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import time

import torch

from train_data import Dataset, Feed, Prompts, Windows, read_safetensors
from train_models import SASRec, Trainer, build

TOLERANCE = 1e-4  # of the first batches' loss, both in single precision
WARM_STEPS = 2
SETTINGS = {  # what each kind trains with; one set for both sides
    "sasrec": {"batch": 128, "history": 200, "lr": 1e-3, "decay": 0.0, "dropout": 0.2},
    "lite": {"batch": 64, "history": 50, "lr": 3e-3, "decay": 0.01, "dropout": 0.2},
    "p5": {"batch": 64, "history": 20, "lr": 1e-3, "decay": 0.01, "dropout": 0.1},
}
PREFIXES, SEED = 8, 1
POLICIES = ("passive", "active")  # of OMP_WAIT_POLICY


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


def mean_loss(arm, updates, step):
    total = targets = 0
    for number, batch in enumerate(arm.feed):
        if number == updates:
            return total / targets
        count = len(batch["target"])
        total, targets = total + step(batch) * count, targets + count


def parity(arm):
    """Losses without dropout: of the weights as drawn, and on the way of the same training."""
    seconds = min(3.0, arm.options.seconds)
    still = summed(arm.timed("parity", seconds, lr=1e-30, dropout=0.0, decay=0.0))
    model = arm.model().eval()
    with torch.no_grad():
        drawn = mean_loss(arm, still["updates"], lambda batch: model(batch).item())
    moved = summed(arm.timed("trajectory", seconds, dropout=0.0))
    trainer = Trainer(arm.model().eval(), arm.settings)
    trained = mean_loss(arm, moved["updates"], trainer.step)
    result = {"batches": still["updates"], "lite4rec": still["loss"], "torch": drawn,
              "difference": abs(still["loss"] - drawn), "training_batches": moved["updates"],
              "training_lite4rec": moved["loss"], "training_torch": trained,
              "training_difference": abs(moved["loss"] - trained)}
    print("%s: loss of the first %d batches: lite4rec %.6f, torch %.6f (difference %.1e); mean "
          "while training on %d: %.6f, %.6f (%.1e)" %
          (arm.name, result["batches"], still["loss"], drawn, result["difference"],
           moved["updates"], moved["loss"], trained, result["training_difference"]), flush=True)
    if not result["difference"] <= TOLERANCE:
        raise SystemExit("%s: the two sides do not compute the same loss" % arm.name)
    return result


def peer(arm):
    """One run of PyTorch's, in this process."""
    arm.prepare()
    trainer = Trainer(arm.model().train(), arm.settings, arm.options.precision)
    spent = targets = updates = 0
    batches = iter(arm.feed)
    while spent < arm.options.seconds:
        begin = time.monotonic()
        batch = next(batches)
        trainer.step(batch)
        if trainer.updates > WARM_STEPS:
            spent += time.monotonic() - begin
            targets, updates = targets + len(batch["target"]), updates + 1
    return {"seconds": spent, "targets": targets, "updates": updates,
            "targets_per_second": targets / spent}


def fastest(runs):
    """The key of the run with the most targets a second."""
    return max(runs, key=lambda key: runs[key]["targets_per_second"])


def allowed(arm):
    return ("fp32", "bf16") if arm.options.precision == "bf16" else ("fp32",)


def ours_of(arm):
    """lite4rec's turn of a round: each precision that is allowed."""
    runs = {precision: summed(arm.timed("round", arm.options.seconds, precision=precision))
            for precision in allowed(arm)}
    best = fastest(runs)
    return dict(runs[best], precision=best,
                other_precision={key: runs[key] for key in runs if key != best})


def theirs(arm, seconds):
    """PyTorch's turn of a round: a process for each policy, since it is read at the start, and for
    each precision."""
    runs, o = {}, arm.options
    for precision in allowed(arm):
        for policy in POLICIES:
            command = [sys.executable, __file__, "--peer", "--data", o.data, "--work", o.work,
                       "--threads", str(o.threads), "--seconds", repr(seconds), "--precision",
                       precision, arm.name]
            done = subprocess.run(command, env=dict(os.environ, OMP_WAIT_POLICY=policy),
                                  stdout=subprocess.PIPE, universal_newlines=True, check=True)
            runs[precision, policy] = json.loads(done.stdout)
    best = fastest(runs)
    return dict(runs[best], precision=best[0], omp_wait_policy=best[1],
                other_runs={" ".join(key): runs[key] for key in runs if key != best})


def race(arm):
    rounds = []
    arm.prepare()
    checked = parity(arm)
    for number in range(arm.options.rounds):
        ours = ours_of(arm)
        other = theirs(arm, ours["seconds"])
        for side in (ours, other):
            side["gflop_per_second"] = side["targets_per_second"] * ours["flops_per_target"] * 1e-9
            side["ceiling_fraction"] = side["gflop_per_second"] / ours["ceiling_gflops"]
        rounds.append({"lite4rec": ours, "torch": other,
                       "ratio": ours["targets_per_second"] / other["targets_per_second"]})
        print("%s, round %d: lite4rec %.0f targets/s (%s), torch %.0f (%s, %s), ratio %.2f" %
              (arm.name, number + 1, ours["targets_per_second"], ours["precision"],
               other["targets_per_second"], other["precision"], other["omp_wait_policy"],
               rounds[-1]["ratio"]), flush=True)
    ratios = [one["ratio"] for one in rounds]
    return {"arm": arm.name, "settings": arm.settings, "parity": checked, "rounds": rounds,
            "ratio": {"median": statistics.median(ratios), "min": min(ratios), "max": max(ratios)}}


# --- what ran -------------------------------------------------------------------------------------

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


def table(record):
    lines = ["| model | batch | targets/s, lite4rec | targets/s, PyTorch | GFLOP/s | of the "
             "ceiling of its precision | PyTorch's | ratio (min..max) | loss differs by |",
             "|---|--:|--:|--:|--:|--:|--:|--:|--:|"]
    for arm in record["arms"]:
        def middle(side, field, arm=arm):
            return statistics.median(one[side][field] for one in arm["rounds"])
        ratio = arm["ratio"]
        lines.append("| %s | %d | %.0f | %.0f | %.1f / %.1f | %.1f %% | %.1f %% | %.2f "
                     "(%.2f..%.2f) | %.0e |" % (
                         arm["arm"], arm["settings"]["batch"],
                         middle("lite4rec", "targets_per_second"),
                         middle("torch", "targets_per_second"),
                         middle("lite4rec", "gflop_per_second"),
                         middle("torch", "gflop_per_second"),
                         100 * middle("lite4rec", "ceiling_fraction"),
                         100 * middle("torch", "ceiling_fraction"), ratio["median"], ratio["min"],
                         ratio["max"], arm["parity"]["difference"]))
    return lines


def write(path, record):
    """After every arm, so that an interruption costs one arm and not all."""
    with open(path + ".new", "w", encoding="utf-8") as out:
        json.dump(record, out, indent=1)
        out.write("\n")
    os.replace(path + ".new", path)


def probe():
    """Prints the best seconds of a training step: SASRec on made-up sequences of one length."""
    shape = {"width": 64, "key": 64, "heads": 1, "feed": 64, "encoder_blocks": 2,
             "epsilon": 1e-8, "positions": 64}
    config = {"kind": "sasrec", "rec_llm": shape, "items": 3416, "dropout": 0.2}
    trainer = Trainer(SASRec(config).train(), dict(SETTINGS["sasrec"], warmup=100, clip=1.0))
    batch = {"item": torch.randint(3416, (64, 64)), "length": torch.full((64,), 64),
             "flat": torch.arange(64 * 64), "target": torch.randint(3416, (64 * 64,))}
    spent = []
    for _ in range(6):
        begin = time.monotonic()
        trainer.step(batch)
        spent.append(time.monotonic() - begin)
    print("%.6f" % min(spent[1:]))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data")
    parser.add_argument("--work")
    parser.add_argument("--lite4rec")
    parser.add_argument("--record")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--precision", choices=("fp32", "bf16"), default="fp32",
                        help="bf16: both sides may take it, and take what is faster")
    parser.add_argument("--probe", action="store_true", help="time a step and no more")
    parser.add_argument("--peer", action="store_true", help="one run of PyTorch's, as JSON")
    parser.add_argument("arms", nargs="*")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(SEED)
    if options.probe:
        return probe()
    arms = [Arm(name, options) for name in options.arms]
    if options.peer:
        return print(json.dumps(peer(arms[0])))
    record = described(options)
    record["began"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    for library_ in record["blas"]:
        print("BLAS of PyTorch: %s%s, SHA-256 %s" % (
            library_["path"], " (%s)" % library_["kernels"] if "kernels" in library_ else "",
            library_["sha256"]), flush=True)
    record["arms"] = []
    for arm in arms:
        record["arms"].append(race(arm))
        write(options.record, record)
    print("\nPyTorch %s (%s, package %s), %d threads, %s, %s: %d users, %d items; %d rounds of %g s"
          % (record["torch"], record["torch_capability"], record["torch_package"],
             options.threads, record["cpu"], record["dataset"]["name"],
             record["dataset"]["users"], record["dataset"]["items"], options.rounds,
             options.seconds))
    print("\n" + "\n".join(table(record)) + "\n\nrecord: " + options.record)
    return None


if __name__ == "__main__":
    main()
