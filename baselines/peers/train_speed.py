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
import json
import os
import statistics
import time

import torch
import train_torch
from train_arm import SEED, Arm, summed
from train_models import Trainer
from train_ran import described

TOLERANCE = 1e-4  # of the first batches' loss, both in single precision


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
    """PyTorch's turn of a round: each precision that is allowed, with either policy."""
    runs = {}
    for precision in allowed(arm):
        for policy in train_torch.POLICIES:
            one = train_torch.run_apart(arm, precision, policy, seconds)
            runs[precision, policy] = one
            if "cut" in one:
                print("%s: PyTorch in %s, OMP_WAIT_POLICY=%s, was stopped: %s" %
                      (arm.name, precision, policy, one["cut"]), flush=True)
    best = fastest(runs)
    if not runs[best]["targets"]:
        raise SystemExit("%s: PyTorch ended no step in time, in any way; give ROUND_SECONDS more, or "
                         "an idle machine" % arm.name)
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


def expected(options, arms):
    """How long it will take where nobody else computes: a start of PyTorch takes some seconds."""
    start, precisions = 6, 2 if options.precision == "bf16" else 1
    runs = precisions * (2 * options.seconds + len(train_torch.POLICIES) * (options.seconds + start))
    parity = 12 * min(3, options.seconds) + start
    return "about %.0f minutes on an idle machine: %d models, %d rounds, %d precision%s" % (
        max(1, arms * (parity + options.rounds * runs) / 60), arms, options.rounds, precisions,
        "" if precisions == 1 else "s")


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
        return train_torch.probe()
    arms = [Arm(name, options) for name in options.arms]
    if options.peer:
        return print(json.dumps(train_torch.run(arms[0])))
    record = described(options)
    print(expected(options, len(arms)), flush=True)
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
