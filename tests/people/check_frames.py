# SPDX-License-Identifier: BSD-3-Clause
"""The Python module on researcher.sh's models. Usage: check_frames.py FOLDER"""
import sys

import lite4rec

folder = sys.argv[1]
arms = [f"heuristic@{folder}/pop", f"heuristic@{folder}/markov"]
frame = lite4rec.run(arms, f"{folder}/data", users=40, rounds=5, min_time=0, out=f"{folder}/runs")
assert list(frame["arm"]) == ["heuristic@pop", "heuristic@markov"], frame["arm"]
assert (frame["mean_ns"] > 0).all() and (frame["users"] > 0).all()
again = lite4rec.records(frame.attrs["file"])
assert again["sha256"].tolist() == frame["sha256"].tolist()
found = lite4rec.evaluate(arms, f"{folder}/data", at=[1, 10])
assert len(found) == 8 and set(found["seen"]) == {"keep", "mask"}, found
ten = found[(found["at"] == 10) & (found["seen"] == "mask") & (found["arm"] == "heuristic@pop")]["HR"].iloc[0]
assert abs(ten - frame["hr10_mask"].iloc[0]) < 1e-9
assert set(found.attrs["significance"]["metric"]) == {"HR@1", "NDCG@1", "HR@10", "NDCG@10"}
same = lite4rec.compare(f"{folder}/runs", f"{folder}/runs", gate="HR@10=1%", strict=True)
assert same.attrs["exit_code"] == 0 and list(same["verdict"]) == ["SAME", "SAME"], same
noisy = lite4rec.compare(f"{folder}/runs", f"{folder}/runs", gate="mean=0.0001%")
assert noisy.attrs["exit_code"] == 5 and noisy.empty, noisy.attrs
course = lite4rec.history(f"{folder}/runs")
assert len(course) == 2 and (course["ns"] > 0).all(), course
try:
    lite4rec.run(["nonsense"], f"{folder}/data")
    raise AssertionError("a wrong arm was taken")
except lite4rec.Error as error:
    assert error.code == 2 and "is not an arm" in str(error), error
print("frames")
