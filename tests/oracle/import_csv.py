#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""`lite4rec data import csv` once more, from its description and with Python's csv module alone.

    import_csv.py draw SEED FOLDER        ratings.csv, items.csv and options (a line each) at random
    import_csv.py import FOLDER OUT       what the import of them must be, byte for byte
"""
import csv
import datetime
import html
import io
import os
import random
import sys
from fractions import Fraction

WORDS = ["Heat", "Caf\u00e9", "a,b", 'say "no"', "two\nlines", "tab\there", "Tom &amp; Jerry", "&amp;amp; more",
         "It&#39;s", "&quot;q&quot;", "\u00a0wide\u00a0", "\u6771\u4eac", "\U0001f600", "  ", "x|y", "a < b", "semi;colon"]
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}


def draw_id(rng, kind, n):
    number = rng.randrange(n)
    return {"small": str(number), "signed": str(number - n // 2), "big": str(number * 10**22 + 7),
            "asin": "B%05d" % number if number % 3 else "%06d" % number,
            "mixed": str(number) if number % 5 else "item %d" % number,
            "uuid": "%08x-%04x" % (number * 2654435761 % 2**32, number), "zeros": "0" * (number % 3) + str(number)}[kind]


def draw_time(rng, form, tick):
    if form == "seconds":
        return str(1000000000 + tick)
    if form == "float":
        return "%d.%d" % (1000000000 + tick // 4, tick % 4 * 25)
    if form == "ms":
        return str(1000000000000 + 1000 * tick + tick % 7)
    if form == "us":
        return str(1000000000000000 + tick * 10**6 + tick % 3)
    if form == "ns":
        return str(1000000000 * 10**9 + tick * 10**9 + tick % 5)
    if form == "negative":
        return str(tick - 50)
    day = datetime.datetime(2001, 2, 27) + datetime.timedelta(seconds=977 * tick)
    zone, text = rng.choice([("Z", day), ("", day), ("+02:00", day + datetime.timedelta(hours=2)),
                             ("-0330", day - datetime.timedelta(hours=3, minutes=30))])
    return text.strftime(rng.choice(["%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S"])) + rng.choice(["", ".5", ".125"]) + zone


def write_table(path, rng, header, rows, delimiter):
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator=rng.choice(["\n", "\r\n"]),
                        quoting=rng.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    writer.writerow(header)
    writer.writerows(rows)
    blank = rng.choice(["", "\n", "\n\n"])
    with open(path, "wb") as file:
        file.write((rng.choice(["", "\ufeff"]) + text.getvalue() + blank).encode())


def draw(seed, folder):
    rng = random.Random(seed)
    users, items = rng.randrange(3, 40), rng.randrange(4, 60)
    kinds = ["small", "signed", "big", "asin", "mixed", "uuid", "zeros"]
    user_kind, item_kind = rng.choice(kinds), rng.choice(kinds)
    form = rng.choice(["seconds", "float", "ms", "us", "ns", "negative", "date"])
    dense = rng.choice([5, 200, 5000])
    pad = rng.random() < 0.3
    rows = []
    for row in range(rng.randrange(20, 700)):
        user, item = draw_id(rng, user_kind, users), draw_id(rng, item_kind, items)
        if pad and rng.random() < 0.2:
            item = rng.choice([" ", "", "\u00a0"]) + item + " "
        rows.append([str(row), rng.choice(WORDS), user, item, "%.1f" % rng.uniform(0, 5),
                     draw_time(rng, form, rng.randrange(dense))])
    name, separator = rng.choice(sorted(DELIMITERS.items()))
    write_table(os.path.join(folder, "ratings.csv"), rng, ["", "note", "who", "what", "stars", "when"], rows, separator)
    texts = [["sku", "name", "subtitle", "maker", "kind"]]
    known = sorted({row[3].strip(" \u00a0") for row in rows})
    for item in known + known[:3]:
        if rng.random() < 0.9:
            texts.append([item] + [" ".join(rng.choice(WORDS) for _ in range(rng.randrange(3))) for _ in range(3)] +
                         ["|".join(rng.choice(["Drama", "Sci-Fi", "War"]) for _ in range(rng.randrange(3)))])
    name, separator = rng.choice(sorted(DELIMITERS.items()))
    if separator == "|":
        separator = ","
    write_table(os.path.join(folder, "items.csv"), rng, texts[0], texts[1:] or [[known[0], "", "", "", ""]], separator)
    options = []
    if rng.random() < 0.5:
        options += ["--kcore", str(rng.randrange(2, 5))]
    options += ["--repeats", rng.choice(["first", "last", "all"])]
    if rng.random() < 0.3:
        options += ["--min-rating", "2.5"]
    if rng.random() < 0.3:
        options += ["--tie", "item"]
    with open(os.path.join(folder, "options"), "w") as file:
        file.write("".join(option + "\n" for option in options))


def read_table(path):
    with open(path, encoding="utf-8-sig", newline="") as file:
        text = file.read()
    first = text.split("\n", 1)[0]
    delimiter = next(d for d in ",\t;|" if d in first)
    rows = [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if any(field.strip() for field in row)]
    return [dict(zip(rows[0], row)) for row in rows[1:]]


def moment(text):
    """A time as (is it a date, a fraction of the column's unit)."""
    if len(text) < 11 or text[4] != "-" or text[0] == "-":
        return False, Fraction(text)
    zone = 0
    body = text[:19]
    rest = text[19:]
    part = Fraction(0)
    if rest.startswith("."):
        digits = rest[1:].rstrip("Z").split("+")[0].split("-")[0]
        part = Fraction(int(digits), 10 ** len(digits))
        rest = rest[1 + len(digits):]
    if rest and rest != "Z":
        sign = -1 if rest[0] == "-" else 1
        digits = rest[1:].replace(":", "")
        zone = sign * (int(digits[:2]) * 3600 + int(digits[2:] or 0) * 60)
    day = datetime.datetime.strptime(body.replace(" ", "T"), "%Y-%m-%dT%H:%M:%S")
    return True, int((day - datetime.datetime(1970, 1, 1)).total_seconds()) + part - zone


def times_of(texts):
    """Integers of the finest unit that is needed, and that unit's power of ten."""
    moments = [moment(text) for text in texts]
    values = [value for _, value in moments]
    unit = 0
    if values and not moments[0][0]:
        bands = [0, 0, 0, 0]
        for value in values:
            whole = abs(value.numerator // value.denominator)
            bands[sum(whole >= limit for limit in (10**11, 10**14, 10**17))] += 1
        unit = 3 * bands.index(max(bands))
    values = [value / 10**unit for value in values]
    for digits in (0, 3, 6, 9):
        scaled = [value * 10**digits for value in values]
        if all(value.denominator == 1 for value in scaled):
            return [int(value) for value in scaled], digits
    raise ValueError("finer than a nanosecond")


def rank(ids):
    def number(text):
        digits = text[1:] if text.startswith("-") else text
        return int(text) if digits.isascii() and digits.isdigit() else None
    numbers = [text for text in ids if number(text) is not None]
    one_length = len({len(text) for text in numbers}) <= 1 and not any(text.startswith("-") for text in numbers)
    by_bytes = len(numbers) < len(ids) and one_length
    def key(text):
        if by_bytes or number(text) is None:
            return (1, 0, text.encode())
        return (0, number(text), text.encode())
    return {text: place for place, text in enumerate(sorted(ids, key=key))}


def clean(text):
    while html.unescape(text) != text:
        text = html.unescape(text)
    return " ".join(part for part in text.replace("\u00a0", " ").split() if part)


def import_all(folder, out):
    with open(os.path.join(folder, "options")) as file:
        words = file.read().split()
    options = dict(zip(words[::2], words[1::2]))
    rows = read_table(os.path.join(folder, "ratings.csv"))
    if "--min-rating" in options:
        rows = [row for row in rows if float(row["stars"]) >= float(options["--min-rating"])]
    times, digits = times_of([row["when"] for row in rows])
    strip = " \t\r\n\u00a0"
    events = [(row["who"].strip(strip), row["what"].strip(strip), time, place)
              for place, (row, time) in enumerate(zip(rows, times))]
    user_rank, item_rank = rank({e[0] for e in events}), rank({e[1] for e in events})
    item_ties = options.get("--tie") == "item"
    events.sort(key=lambda e: (user_rank[e[0]], e[2], item_rank[e[1]] if item_ties else 0, e[3]))
    repeats = options.get("--repeats", "first")
    if repeats != "all":
        seen, kept = set(), []
        for event in (reversed(events) if repeats == "last" else events):
            if event[:2] not in seen:
                kept.append(event)
            seen.add(event[:2])
        events = kept[::-1] if repeats == "last" else kept
    for users_least, items_least in ((3, 1), (max(3, int(options.get("--kcore", 0))), int(options.get("--kcore", 0)))):
        while True:
            users, items = {}, {}
            for event in events:
                users[event[0]] = users.get(event[0], 0) + 1
                items[event[1]] = items.get(event[1], 0) + 1
            left = [e for e in events if users[e[0]] >= users_least and items[e[1]] >= items_least]
            if len(left) == len(events):
                break
            events = left
    if not events:
        print("no user is left")
        return
    users = {u: n + 1 for n, u in enumerate(sorted({e[0] for e in events}, key=user_rank.get))}
    items = {i: n + 1 for n, i in enumerate(sorted({e[1] for e in events}, key=item_rank.get))}
    sequences = {number: [] for number in users.values()}
    for event in events:
        sequences[users[event[0]]].append((items[event[1]], event[2]))
    texts = {}
    for row in read_table(os.path.join(folder, "items.csv")):
        text = texts.setdefault(row["sku"].strip(strip), ["", "", ""])
        title = " ".join(part for part in (row["name"], row["subtitle"]) if part)
        for place, field in enumerate((title, row["maker"], ", ".join(p for p in row["kind"].split("|") if p))):
            text[place] = text[place] or clean(field)
    os.makedirs(out, exist_ok=True)
    def write(name, lines):
        with open(os.path.join(out, name), "wb") as file:
            file.write("".join(line + "\n" for line in lines).encode())
    def line(number, values):
        return " ".join([str(number)] + [str(value) for value in values])
    write("train.txt", [line(n, [i for i, _ in s[:-2]]) for n, s in sequences.items()])
    write("validation.txt", [line(n, [s[-2][0]]) for n, s in sequences.items()])
    write("test.txt", [line(n, [s[-1][0]]) for n, s in sequences.items()])
    write("times.txt", [line(n, [t for _, t in s]) for n, s in sequences.items()])
    write("users.tsv", ["user\tsource_id"] + ["%d\t%s" % (n, u) for u, n in users.items()])
    write("items.tsv", ["item\tsource_id\ttitle\tbrand\tcategories"] +
          ["\t".join([str(n), i] + texts.get(i, ["", "", ""])) for i, n in items.items()])
    print("digits %d" % digits)


if __name__ == "__main__":
    if sys.argv[1] == "draw":
        draw(int(sys.argv[2]), sys.argv[3])
    else:
        import_all(sys.argv[2], sys.argv[3])
