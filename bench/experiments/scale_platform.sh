#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Prints a platform for SimGrid: a fat tree of NODES hosts whose links carry GBITS Gbit/s in LATENCY seconds
# each. Up to 16 hosts hang on one switch; more on several, 16 each, with 16 links up from every one (no
# blocking). A host computes 1 Gflop a second, which stands for nothing: times are given in seconds.
# Usage: sh bench/experiments/scale_platform.sh NODES GBITS LATENCY
set -eu
nodes=${1:?usage: scale_platform.sh NODES GBITS LATENCY}
gbits=${2:?usage: scale_platform.sh NODES GBITS LATENCY}
latency=${3:?usage: scale_platform.sh NODES GBITS LATENCY}
if [ "$nodes" -le 16 ]; then
  tree="1;$nodes;1;1"
else
  [ $((nodes % 16)) = 0 ] || { echo "scale_platform: more than 16 nodes come in sixteens, not $nodes" >&2; exit 2; }
  tree="2;16,$((nodes / 16));1,16;1,1"
fi
bytes=$(awk -v g="$gbits" 'BEGIN { printf "%.0f", g * 1e9 / 8 }')
cat <<END
<?xml version='1.0'?>
<!DOCTYPE platform SYSTEM "https://simgrid.org/simgrid.dtd">
<platform version="4.1">
  <cluster id="fat-tree" prefix="node" suffix="" radical="0-$((nodes - 1))" speed="1Gf" bw="${bytes}Bps" lat="${latency}s"
           topology="FAT_TREE" topo_parameters="$tree" sharing_policy="SPLITDUPLEX"/>
</platform>
END
