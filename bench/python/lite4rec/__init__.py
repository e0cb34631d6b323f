# SPDX-License-Identifier: BSD-3-Clause
"""lite4rec from Python: runs the program and gives its records as pandas frames."""
import io
import json
import os
import re
import shutil
import subprocess

import pandas

__all__ = ["Error", "call", "compare", "evaluate", "history", "program", "records", "run"]
__version__ = "0.9.0"

WORSE, NOISY = 1, 5  # exit codes that are a gate's answer, not a failure of the call
REPEATED = ("arm", "training")  # options that stand once for each value


class Error(Exception):
    """The program failed; `code` is its exit code, the text what it said."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


def program():
    """The program that is run: $LITE4REC, else lite4rec of the PATH."""
    found = os.environ.get("LITE4REC") or shutil.which("lite4rec")
    if not found:
        raise Error(4, "lite4rec is not in the PATH; build it (make), install it (make install), or set LITE4REC to its path")
    return found


def _words(options):
    words = []
    for key, value in options.items():
        name = "--" + key.replace("_", "-")
        if value is None or value is False:
            continue
        if value is True:
            words.append(name)
        elif isinstance(value, (list, tuple)) and key in REPEATED:
            for one in value:
                words += [name, str(one)]
        elif isinstance(value, (list, tuple)):
            words += [name, ",".join(str(one) for one in value)]
        else:
            words += [name, str(value)]
    return words


def _run(command, words, options, accepted=(0,)):
    line = [program(), command, *(str(word) for word in words), *_words(options)]
    done = subprocess.run(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    said = done.stderr.decode(errors="replace")
    if done.returncode not in accepted:
        last = [text for text in said.splitlines() if text.strip()]
        raise Error(done.returncode, last[-1] if last else f"{' '.join(line)}: exit code {done.returncode}")
    return done.returncode, done.stdout.decode(), said


def call(command, *words, **options):
    """Runs any command and gives its standard output."""
    return _run(command, words, options)[1]


def _paths(paths):
    return [paths] if isinstance(paths, (str, os.PathLike)) else list(paths)


def records(paths, **options):
    """Records of files or folders, a row each, with the columns of `lite4rec export csv`."""
    return pandas.read_csv(io.StringIO(call("export", "csv", *_paths(paths), **options)))


def run(arms, data, **options):
    """Measures arms (one text or several) on a data set: a row a record. .attrs["file"] is the file of records."""
    options.setdefault("quiet", True)
    said = call("run", arm=_paths(arms), data=data, **options)
    found = re.search(r"^records: (.*)$", said, re.MULTILINE)
    if not found:
        raise Error(1, "the run wrote no records: " + said.strip()[-400:])
    frame = records(found.group(1))
    frame.attrs["file"] = found.group(1)
    return frame


def evaluate(arms, data, at=(10,), **options):
    """Accuracy over all users, a row an arm, convention (keep, mask) and depth. .attrs["significance"]: tests of each arm against
    the first."""
    options.setdefault("quiet", True)
    rows, tests = [], []
    for line in call("eval", arm=_paths(arms), data=data, at=list(at), json=True, **options).splitlines():
        one = json.loads(line)
        tests += one.get("significance", [])
        for depth in one.get("depths", []):
            rows += [{"arm": one["arm"], "seen": seen, "at": depth["n"], **depth[seen]} for seen in ("keep", "mask")]
    frame = pandas.DataFrame(rows)
    frame.attrs["significance"] = pandas.DataFrame(tests)
    return frame


def compare(a, b, **options):
    """Compares records b with the baseline a, a row a figure. With gate=..., .attrs["exit_code"] is 0 (passes), 1 (worse) or 5
    (too noisy: the frame is empty), and .attrs["said"] what the gate said."""
    code, text, said = _run("compare", [a, b], {**options, "json": True}, (0, WORSE, NOISY))
    rows = json.loads(text)["rows"] if text.strip() else []
    frame = pandas.json_normalize(rows)
    frame.attrs.update(exit_code=code, said=said.strip())
    return frame


def history(paths, **options):
    """Records in the order of their times, a row each, with the level that they belong to."""
    rows = []
    for series in json.loads(call("history", *_paths(paths), json=True, **options))["series"]:
        shared = {key: series[key] for key in ("arm", "dataset", "scenario", "threads", "batch", "machine")}
        for number, level in enumerate(series["levels"]):
            rows += [{**shared, **point, "level": number, "level_ns": level["ns"]}
                     for point in series["points"][level["begin"]:level["end"]]]
    return pandas.DataFrame(rows)
