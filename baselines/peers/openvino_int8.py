# SPDX-License-Identifier: BSD-3-Clause
"""OpenVINO's own way to int8, and what its plug-in for processors really ran."""
import re

from peer import fail


def quantised(graph, samples):
    """Static quantisation by nncf: weights of products and their inputs in eight bits, with scales
    that it finds from samples. The alternatives do not compute in eight bits: a graph with ONNX
    Runtime's dynamic quantisation is run in fp32, and so are weights that nncf only compresses."""
    try:
        import nncf
    except ImportError as error:
        fail(f"{error}: precision=int8 needs nncf; run `make peers`")
    import logging
    logging.getLogger("nncf").setLevel(logging.ERROR)
    return nncf.quantize(graph, nncf.Dataset(samples), subset_size=len(samples),
                         model_type=nncf.ModelType.TRANSFORMER,
                         preset=nncf.QuantizationPreset.MIXED)


def ran(compiled, precision):
    """(isa, text): the kernels of the products in the compiled graph, the most frequent one first.
    Fails where a precision was asked for that none of them has."""
    kernels, precisions = {}, set()
    for node in compiled.get_runtime_model().get_ops():
        info = node.get_rt_info()
        if "layerType" not in info or info["layerType"].astype(str) not in ("MatMul",
                                                                            "FullyConnected"):
            continue
        name = info["primitiveType"].astype(str)
        kernels[name] = kernels.get(name, 0) + 1
        precisions.add(name.rpartition("_")[2].lower())
    names = sorted(kernels, key=lambda name: (-kernels[name], name))
    wanted = {"fp32": "f32", "bf16": "bf16", "int8": "i8"}[precision]
    if precisions and not any(wanted in one or (wanted == "i8" and "u8" in one)
                              for one in precisions):
        fail(f"precision={precision}: OpenVINO runs the products of this model as "
             f"{', '.join(names)} on this processor")
    sets = [found.group() for name in names
            for found in [re.search(r"(sse|avx|sve|neon)[0-9]*(_amx|_vnni)*", name)] if found]
    return sets[0] if sets else "unknown", "+".join(names[:3]) or "unknown"
