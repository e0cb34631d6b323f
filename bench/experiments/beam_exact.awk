# SPDX-License-Identifier: BSD-3-Clause
# A row of beam_exact.sh's table. Reads qrels, the run of the exact ranking and the run of an arm (TREC files, users in
# any order); prints the arm's HR@10 and NDCG@10, their differences from the exact ranking with normal 95 % intervals of
# the paired differences over users, and the shares of users whose first ten items are others, or stand in another order.
FNR == 1 { file++ }
file == 1 { target[$1] = $3; users++; next }
$4 <= 10 {
  side = file - 1
  list[side, $1] = list[side, $1] " " $3
  held[side, $1, $3] = 1
  count[side, $1]++
  if ($3 == target[$1]) rank[side, $1] = $4
}
function hit(side, user) { return (side, user) in rank ? 1 : 0 }
function gain(side, user) { return (side, user) in rank ? log(2) / log(rank[side, user] + 1) : 0 }
function shown(sum, square,    mean, error) {
  mean = sum / users
  error = users > 1 ? sqrt((square / users - mean * mean) / (users - 1)) : 0
  return sprintf("%+.4f [%+.4f, %+.4f]", mean, mean - 1.96 * error, mean + 1.96 * error)
}
END {
  if (file != 3 || !users) {
    print "beam-exact: qrels and two runs with users in them are needed" >"/dev/stderr"
    exit 3
  }
  for (user in target) {
    hits += hit(2, user)
    gains += gain(2, user)
    h = hit(2, user) - hit(1, user)
    g = gain(2, user) - gain(1, user)
    hd += h; hs += h * h; gd += g; gs += g * g
    other = count[1, user] != count[2, user]
    n = split(list[2, user], item, " ")
    for (i = 1; i <= n && !other; i++) other = !((1, user, item[i]) in held)
    others += other
    orders += !other && list[1, user] != list[2, user]
  }
  printf "| %s | %s | %.4f | %.4f | %s | %s | %.2f %% | %.2f %% |\n", arm, convention, hits / users, gains / users,
    shown(hd, hs), shown(gd, gs), 100 * others / users, 100 * orders / users
}
