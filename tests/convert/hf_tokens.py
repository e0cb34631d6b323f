# SPDX-License-Identifier: BSD-3-Clause
"""What AutoTokenizer makes of texts, from folders of `lite4rec export hf`.

hf_tokens.py FOLDER..., each line of its input a JSON string; prints a line a folder: the lists of
token ids of all texts, without special tokens. Ends with 77 where a package is missing.
"""
import json
import sys

try:
    import transformers
except ImportError as missing:
    print(missing, file=sys.stderr)
    sys.exit(77)

transformers.logging.set_verbosity_error()
texts = [json.loads(line) for line in sys.stdin]
for folder in sys.argv[1:]:
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    print(json.dumps([tokenizer(text, add_special_tokens=False).input_ids for text in texts]),
          flush=True)
