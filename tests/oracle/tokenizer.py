# SPDX-License-Identifier: BSD-3-Clause
"""Golden token ids for tests/model/test_tokenizer.c; see README.md beside this file.

write:  trains a tokenizer with the Python package of SentencePiece (0.1.97, Debian 12's version) and
        the settings of impl/model/tokenizer.cc on GOLDEN/tokenizer_lines.txt, keeps it as MODEL
        (tests/golden/tokenizer.model) and writes the ids of the sentences below, with the version, to
        GOLDEN/tokenizer_ids.tsv. The C code must read the model to the same ids with any version, and
        train the same bytes with the same one.
verify: encodes the sentences with MODEL and another version of the package, and compares.

usage: tokenizer.py write|verify GOLDEN MODEL"""
import io
import sys

import sentencepiece

PIECES = 160

SENTENCES = [
    "",
    " ",
    "title: The quiet harbour",
    "title: The winter bridge (1984) categories: drama, winter",
    "  two  spaces   inside  and around  ",
    "item_1042 item_7 item_3516 item_88",
    "0123456789",
    "98 765 4321",
    "User 2041 has seen items 5, 50, 500 and 5000.",
    "Hand cream with mint, 75 ml brand: Fieldmouse categories: beauty",
    "Café, jardín, Brücke, été",
    "Cafe\u0301 jardi\u0301n",
    "Ｆｕｌｌ ｗｉｄｔｈ １２３",
    "ﬁne ﬂour ½ ™",
    "Unseen signs: 漢字 и кириллица €",
    "emoji 🦊 in a title",
    "tab\tand no-break\u00a0space",
    "UPPER lower MiXeD",
    "a",
    "?",
    "Willow & Pine & Willow & Pine & Willow & Pine",
    "The clockmaker's seventh lantern: a documentary of the long road home (2003)",
]


def train(golden, path):
    with open(f"{golden}/tokenizer_lines.txt", encoding="utf-8") as file:
        lines = file.read().splitlines()
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines), model_writer=model, model_type="unigram",
        vocab_size=PIECES, hard_vocab_limit=False, character_coverage=1.0, pad_id=0, eos_id=1,
        unk_id=2, bos_id=-1, num_threads=1, required_chars="0123456789", input_sentence_size=0,
        max_sentence_length=1048576, minloglevel=3)
    with open(path, "wb") as file:
        file.write(model.getvalue())


def rows(path):
    processor = sentencepiece.SentencePieceProcessor(model_file=path)
    for sentence in SENTENCES:
        ids = processor.encode(sentence)
        text = sentence.replace("\\", "\\\\").replace("\t", "\\t")
        yield f"{text}\t{' '.join(str(i) for i in ids)}\t{processor.decode(ids)}"


def main(mode, golden, path):
    name = f"{golden}/tokenizer_ids.tsv"
    if mode == "write":
        train(golden, path)
        with open(name, "w", encoding="utf-8") as file:
            print(f"# sentencepiece {sentencepiece.__version__}, {PIECES} pieces", file=file)
            for row in rows(path):
                print(row, file=file)
    with open(name, encoding="utf-8") as file:
        found = file.read().split("\n")[1:-1]
    different = [(a, b) for a, b in zip(found, rows(path), strict=True) if a != b]
    print(f"sentencepiece {sentencepiece.__version__}: {len(found)} sentences,"
          f" {len(different)} different", *different, sep="\n")
    sys.exit(bool(different))


main(*sys.argv[1:])
