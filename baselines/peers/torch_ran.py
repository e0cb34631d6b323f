# SPDX-License-Identifier: BSD-3-Clause
"""What PyTorch really computed with: read from its libraries' own reports of one call."""
import os
import re
import shutil

import torch
from peer import fail, printed


def check_compiler(precision):
    """torch.compile writes C++ and calls a compiler for it; what is missing is said before it tries."""
    if not hasattr(torch, "compile"):
        fail(f"compile=on: PyTorch {torch.__version__} has no torch.compile, which came with 2.0; "
             "run `make peers TORCH=pypi`")
    if not shutil.which(os.environ.get("CXX") or "g++"):
        fail("compile=on: torch.compile needs a C++ compiler; install the package g++")
    if precision == "int8":
        fail("compile=on: its dynamic quantisation is not compiled; leave out precision=int8")
    from torch._inductor import config
    config.compile_threads = 1  # in this process: no pool of others stays behind


def report(call):
    """The call's products, as oneDNN and MKL log them; empty where neither was built in."""
    def watched():
        with torch.backends.mkldnn.verbose(torch.backends.mkldnn.VERBOSE_ON):
            with torch.backends.mkl.verbose(torch.backends.mkl.VERBOSE_ON):
                call()
    try:
        return printed(watched, 1)
    except (AttributeError, AssertionError, RuntimeError):  # before 2.0, or built without them
        call()
        return ""


def blas():
    """The BLAS library of products that oneDNN does not do: MKL in PyPI's wheels; Debian's PyTorch
    takes what libblas.so.3 stands for."""
    torch.ones(64, 64) @ torch.ones(64, 64)
    inside = re.search(r"Math Kernel Library Version (\S+)", torch.__config__.show())
    if inside:
        return "MKL-" + inside.group(1)
    with open("/proc/self/maps", encoding="utf-8") as maps:
        files = {line.split()[-1] for line in maps if "blas" in line or "mkl" in line}
    names = sorted(os.path.basename(os.path.realpath(file)) for file in files)
    return "+".join(name for name in names if "cublas" not in name) or "own"


def settings(precision):
    """What a user would have to know beside the products, read back. The number of threads is the
    run's and stands there."""
    waits = os.environ.get("OMP_WAIT_POLICY", "default").lower()
    mathematics = os.environ.get("DNNL_DEFAULT_FPMATH_MODE", "strict").lower()
    said = f"inter_op={torch.get_num_interop_threads()},wait={waits},fpmath={mathematics}"
    if hasattr(torch, "get_float32_matmul_precision"):
        said += f",matmul_precision={torch.get_float32_matmul_precision()}"
    if precision == "int8":  # whose int8 products those are, which no log names
        said += f",quantized_engine={torch.backends.quantized.engine}"
    return said


def seen(call):
    """(isa, text): the instruction set of the call's products, and whose they were.

    oneDNN names the kernels of each product. PyTorch's own capability stands for the rest: MKL does
    not say which of its kernels ran."""
    lines = report(call).splitlines()
    kernels = {}
    for line in lines:
        fields = line.split(",")
        if line.startswith("onednn_verbose") and "exec" in fields:
            name = fields[fields.index("exec") + 3]
            kernels[name] = kernels.get(name, 0) + 1
    capability = "unknown"
    if hasattr(torch.backends, "cpu"):
        capability = torch.backends.cpu.get_cpu_capability()
    else:  # PyTorch 1
        found = re.search(r"CPU capability usage: (\S+)", torch.__config__.show())
        capability = found.group(1) if found else capability
    isa = capability.lower()
    if kernels:
        most = max(kernels, key=kernels.get)
        isa = most.partition(":")[2] or isa
    done = {"oneDNN " + name.partition(":")[0] for name in kernels}
    done |= {"MKL " + line.split()[1].partition("(")[0].lower() for line in lines
             if line.startswith("MKL_VERBOSE") and "oneMKL" not in line}
    return isa, f"blas={blas()},products={'+'.join(sorted(done)) or 'unknown'}"
