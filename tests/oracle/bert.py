# SPDX-License-Identifier: BSD-3-Clause
"""Makes tests/golden/bert*: a small random BERT and what transformers' BertModel answers for it, and
a small WordPiece vocabulary and what huggingface/tokenizers makes of texts with it.

    build/oracle/bin/pip install torch transformers==5.24.0 tokenizers==0.23.3
    build/oracle/bin/python tests/oracle/bert.py tests/golden

Weights are drawn through numpy's legacy generator; none of them is a neutral value. Sequences run
one by one, unpadded. The loss is the sum of hidden states times fixed numbers, so that its gradient
by the hidden states is those numbers.

    ... tests/oracle/bert.py compare FOLDER VECTORS

holds item vectors (fp32, one row an item, as `sentence` on standard input has texts, one a line)
against what transformers makes of a real folder.
"""

import json
import os
import sys

import numpy
import tokenizers
import torch
import transformers

WIDTH, HEADS, BLOCKS, FEED, POSITIONS, TYPES, VOCABULARY = 24, 3, 2, 40, 23, 2, 61
LENGTHS = [1, 9, 23, 4]

LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
WORDS = ["the", "quick", "brown", "fox", "##es", "##ing", "jump", "##ed", "over", "title", "brand",
         "café", "cafe", "straße", "##ße", "ß", "é", "##é", "ø", "æ", "東", "京", "##京", "Ω", "ω",
         "##ω", "и", "##и", "й", "!", "?", ":", "-", "'", "\"", "$", "+", "(", ")", ".", ",", "…",
         "–", "“", "”", "€", "İ", "i̇", "Title", "A", "##B", "ﬁ", "12", "##34", "#", "##"]
LINES = ["The quick brown foxes jumped over", "title: Café (2004) brand: “X-Y”", "CAFÉ café Cafe\u0301",
         "straße STRASSE Straße", "東京 tokyo東京", "Ωμέγα Ω ω", "й И\u0306", "", "   ", "\t\ta\u00a0b\u3000c\u2028d",
         "a\u0000b" .replace("\u0000", "\u0001"), "zero\u200bwidth\ufeff", "soft\u00adhyphen", "it's $5+tax…", "a" * 100,
         "a" * 101, "12345 1234", "İstanbul I\u0307", "ﬁne", "##es # ##", "[CLS] [SEP] [UNK]", "naïve coöperate",
         "e\u0301e\u0301\u0323", "x\ufffdy", "quick-brown--fox?!", "œuvre Ærø", "ｆｕｌｌ　ｗｉｄｔｈ", "😀 ok", "𠀀𠀁 x",
         "tab\there", "Ǆungla ǅ", "ŉ ŀ", "ẞ", "أَهْلًا", "नमस्ते", "ภาษาไทย", "\u0301leading", "A B"]


def fill(model, seed):
    random = numpy.random.RandomState(seed)
    with torch.no_grad():
        for name, parameter in sorted(model.named_parameters()):
            if "LayerNorm" in name and name.endswith("weight"):
                value = random.uniform(0.6, 1.4, parameter.shape)
            elif name.endswith("bias"):
                value = random.normal(0, 0.3, parameter.shape)
            elif "embeddings" in name:
                value = random.normal(0, 0.8, parameter.shape)
            else:
                value = random.normal(0, WIDTH ** -0.5 * 1.5, parameter.shape)
            parameter.copy_(torch.from_numpy(value.astype(numpy.float32)))
    return random


def make_model(folder):
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    from sasrec import save
    torch.set_num_threads(1)
    config = transformers.BertConfig(
        vocab_size=VOCABULARY, hidden_size=WIDTH, num_hidden_layers=BLOCKS,
        num_attention_heads=HEADS, intermediate_size=FEED, max_position_embeddings=POSITIONS,
        type_vocab_size=TYPES, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
    model = transformers.BertModel(config, add_pooling_layer=False).eval()
    random = fill(model, 33)
    # Token 0 is padding, whose row transformers gives no gradient.
    tokens = [random.randint(1, VOCABULARY, length) for length in LENGTHS]
    hidden = torch.cat([model(torch.from_numpy(t)[None]).last_hidden_state[0] for t in tokens])
    d_hidden = torch.from_numpy(random.normal(0, 1, hidden.shape).astype(numpy.float32))
    (hidden * d_hidden).sum().backward()
    golden = {"gradient.item_llm." + n: p.grad for n, p in model.named_parameters()}
    golden.update(hidden=hidden, d_hidden=d_hidden)
    save(os.path.join(folder, "bert.safetensors"),
         {"item_llm." + n: p for n, p in model.named_parameters()})
    save(os.path.join(folder, "bert.golden.safetensors"), golden)
    shape = dict(block="bert", width=WIDTH, key=WIDTH // HEADS, heads=HEADS, feed=FEED,
                 vocabulary=VOCABULARY, encoder_blocks=BLOCKS, decoder_blocks=0, buckets=0,
                 max_distance=0, gated=0, tied=0, causal=0, epsilon=1e-12, positions=POSITIONS,
                 types=TYPES)
    document = {"torch": torch.__version__, "transformers": transformers.__version__,
                "model": shape, "lengths": LENGTHS,
                "tokens": numpy.concatenate(tokens).tolist()}
    with open(os.path.join(folder, "bert.json"), "w") as out:
        json.dump(document, out, separators=(",", ":"))
        out.write("\n")


def make_tokens(folder):
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    pieces += list(LETTERS) + ["##" + c for c in LETTERS] + WORDS
    assert len(set(pieces)) == len(pieces)
    with open(os.path.join(folder, "bert_vocab.txt"), "w", encoding="utf-8") as out:
        out.write("".join(p + "\n" for p in pieces))
    vocabulary = {piece: number for number, piece in enumerate(pieces)}
    with open(os.path.join(folder, "bert_tokens.tsv"), "w", encoding="utf-8") as out:
        out.write("# tokenizers %s: lower-cased or not, text, pieces without [CLS] and [SEP]\n"
                  % tokenizers.__version__)
        for lower in (1, 0):
            model = tokenizers.models.WordPiece(vocabulary, unk_token="[UNK]",
                                                max_input_chars_per_word=100)
            tokenizer = tokenizers.Tokenizer(model)
            tokenizer.normalizer = tokenizers.normalizers.BertNormalizer(lowercase=bool(lower))
            tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.BertPreTokenizer()
            for line in LINES:
                ids = tokenizer.encode(line).ids
                text = line.replace("\\", "\\\\").replace("\t", "\\t")
                out.write("%d\t%s\t%s\n" % (lower, text, " ".join(map(str, ids))))


def compare(folder, path):
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    model = transformers.AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
    lines = [line.rstrip("\n") for line in sys.stdin]
    got = numpy.fromfile(path, dtype=numpy.float32).reshape(len(lines), -1)
    worst = 0.0
    with torch.no_grad():
        for line, row in zip(lines, got):
            batch = tokenizer([line], truncation=True, max_length=64, return_tensors="pt")
            want = model(**batch).last_hidden_state[0].mean(0)
            want = torch.nn.functional.normalize(want, dim=0).numpy()
            worst = max(worst, float(numpy.abs(want - row).max() / numpy.abs(want).max()))
    print("%d texts, largest difference %.2e of the largest value" % (len(lines), worst))
    return worst > 1e-4


if __name__ == "__main__":
    if sys.argv[1] == "compare":
        sys.exit(compare(sys.argv[2], sys.argv[3]))
    make_model(sys.argv[1])
    make_tokens(sys.argv[1])
