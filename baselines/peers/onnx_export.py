# SPDX-License-Identifier: BSD-3-Clause
"""How PyTorch's modules become ONNX graphs for the peers that run those."""
import contextlib
import inspect
import logging
import os
import warnings

OPSET = 14


@contextlib.contextmanager
def remarks_dropped():
    """The exporter's C++ code remarks, outside of any logger, on every `+=` of transformers."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def quantise(path):
    """Products with weights in int8: a scale a column, that of activations as they come."""
    from onnxruntime.quantization import quantize_dynamic

    logging.getLogger().setLevel(logging.ERROR)  # it advises a pass that needs one more package
    quantize_dynamic(path, path, op_types_to_quantize=["MatMul"], per_channel=True)


def export(module, path, arguments, inputs, outputs, axes, int8=False):
    """Writes the graph of a module. `axes` names the dimensions that differ from call to call."""
    import torch

    # the tracer warns of branches that are the same for every input of these modules
    warnings.filterwarnings("ignore", category=torch.jit.TracerWarning)
    warnings.filterwarnings("ignore", category=DeprecationWarning)  # of the exporter that all have
    since_2_5 = "dynamo" in inspect.signature(torch.onnx.export).parameters
    with remarks_dropped():
        torch.onnx.export(module.eval(), arguments, path, input_names=inputs, output_names=outputs,
                          opset_version=OPSET, dynamic_axes=axes,
                          **({"dynamo": False} if since_2_5 else {}))
    if int8:
        quantise(path)
