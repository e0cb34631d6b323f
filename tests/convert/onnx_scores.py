#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""What ONNX Runtime makes of a file of `lite4rec export onnx`.

onnx_scores.py FILE, each line of its input [[item, ...], ...], a batch of histories of one length;
answers each with a line: their scores, or {"error": ...}. Where the package onnx is installed, its
checker has to find nothing wrong first. Ends with 77 where ONNX Runtime is not installed.
"""
import json
import sys

try:
    import numpy
    import onnxruntime
except ImportError as error:
    print(error, file=sys.stderr)
    sys.exit(77)
try:
    import onnx
except ImportError:
    onnx = None


def main():
    path = sys.argv[1]
    if onnx:
        onnx.checker.check_model(path, full_check=True)
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = 1
    settings.log_severity_level = 4  # a refused request is an answer here, not a message
    session = onnxruntime.InferenceSession(path, settings, providers=["CPUExecutionProvider"])
    for line in sys.stdin:
        items = numpy.array(json.loads(line), dtype=numpy.int64)
        try:
            answer = session.run(["scores"], {"items": items})[0].tolist()
        except Exception as error:  # pylint: disable=broad-except
            answer = {"error": str(error)}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
