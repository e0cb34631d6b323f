"""How PyTorch's modules become ONNX graphs for the peers that run those."""
import contextlib
import os
import warnings

import torch

OPSET = 14


@contextlib.contextmanager
def remarks_dropped():
    """The exporter's C++ code remarks, outside of any logger, on each `+=` that transformers has."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def export(module, path, arguments, inputs, outputs, axes):
    """Writes the graph of a module. `axes` names the dimensions that differ from call to call."""
    # the tracer warns of branches that are the same for every input of these modules
    warnings.filterwarnings("ignore", category=torch.jit.TracerWarning)
    with remarks_dropped():
        torch.onnx.export(module.eval(), arguments, path, input_names=inputs, output_names=outputs,
                          opset_version=OPSET, dynamic_axes=axes)
