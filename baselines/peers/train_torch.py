# SPDX-License-Identifier: BSD-3-Clause
"""PyTorch's side of a race, in a process for each run. A run is bounded in time: where others compute
too, spinning threads can make a step take minutes, and so do products in a precision that a PyTorch
was built without."""
import json
import os
import subprocess
import sys
import time

import torch
from train_arm import SETTINGS
from train_models import SASRec, Trainer

WARM_STEPS = 2  # not timed, unless nothing else was done in time
POLICIES = ("passive", "active")  # of OMP_WAIT_POLICY
START_SECONDS = 120  # most for the interpreter, the data and the model, on a busy machine
PROBE_SECONDS = 20


def limit(seconds):
    """After so long no further step of a run begins."""
    return 4 * seconds + 10


def summed(steps, **more):
    """steps: (seconds, targets) of each."""
    seconds, targets = (sum(part) for part in zip(*steps))
    return {"seconds": seconds, "targets": targets, "updates": len(steps),
            "targets_per_second": targets / seconds, **more}


def run(arm):
    """One run, in this process."""
    arm.prepare()
    trainer = Trainer(arm.model().train(), arm.settings, arm.options.precision)
    began, steps, timed = time.monotonic(), [], 0.0
    for batch in arm.feed:
        begin = time.monotonic()
        trainer.step(batch)
        end = time.monotonic()
        steps.append((end - begin, len(batch["target"])))
        if len(steps) > WARM_STEPS:
            timed += end - begin
        if timed >= arm.options.seconds:
            return summed(steps[WARM_STEPS:])
        if end - began > limit(arm.options.seconds):
            break
    return summed(steps[WARM_STEPS:] or steps,
                  cut=f"{len(steps)} steps took {time.monotonic() - began:.0f} s")


def run_apart(arm, precision, policy, seconds):
    """One run in a process of its own, since the policy is read when it starts. A run in which no step
    ended in time counts as infinitely slow."""
    o, most = arm.options, START_SECONDS + 2 * limit(seconds)
    command = [sys.executable, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                            "train_speed.py"),
               "--peer", "--data", o.data, "--work", o.work, "--threads", str(o.threads), "--seconds",
               repr(seconds), "--precision", precision, arm.name]
    try:
        done = subprocess.run(command, env=dict(os.environ, OMP_WAIT_POLICY=policy), timeout=most,
                              stdout=subprocess.PIPE, universal_newlines=True, check=True)
    except subprocess.TimeoutExpired:
        return {"seconds": None, "targets": 0, "updates": 0, "targets_per_second": 0.0,
                "cut": f"no result in {most:.0f} s"}
    return json.loads(done.stdout)


def probe():
    """Prints the best seconds of a training step: SASRec on made-up sequences of one length."""
    shape = {"width": 64, "key": 64, "heads": 1, "feed": 64, "encoder_blocks": 2,
             "epsilon": 1e-8, "positions": 64}
    config = {"kind": "sasrec", "rec_llm": shape, "items": 3416, "dropout": 0.2}
    trainer = Trainer(SASRec(config).train(), dict(SETTINGS["sasrec"], warmup=100, clip=1.0))
    batch = {"item": torch.randint(3416, (64, 64)), "length": torch.full((64,), 64),
             "flat": torch.arange(64 * 64), "target": torch.randint(3416, (64 * 64,))}
    spent = []
    while len(spent) < 6 and (len(spent) < 2 or sum(spent) < PROBE_SECONDS):
        begin = time.monotonic()
        trainer.step(batch)
        spent.append(time.monotonic() - begin)
    print("%.6f" % min(spent[1:]))
