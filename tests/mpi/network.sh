#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Ranks on two hosts that a network lies between: network namespaces joined by a bridge, where the test
# may make them. Nothing of it is seen outside of this script's own namespaces. Run by tests/mpi/run.sh.
set -u
here=$(cd "$(dirname "$0")" && pwd)
. "$here/says.sh"
name="every call across two network namespaces"
if [ "${1:-}" != inside ]; then
  if ! unshare --net --uts --mount true 2>/dev/null; then
    skip "$name" "this user may not make them (unshare --net)"
  elif ! command -v ip >/dev/null; then
    skip "$name" "ip is not installed (package iproute2)"
  elif ! unshare --net ip link add br0 type bridge 2>/dev/null; then
    skip "$name" "this kernel makes no bridges"
  else
    exec unshare --net --uts --mount sh "$here/network.sh" inside
  fi
  exit 0
fi

{
  ip link set lo up
  mkdir -p /run/netns && mount -t tmpfs none /run/netns
  ip link add br0 type bridge && ip addr add 10.77.0.1/24 dev br0 && ip link set br0 up
  for n in 2 3; do
    ip netns add host$n
    ip link add to$n type veth peer name eth0 netns host$n
    ip link set to$n master br0 up
    ip netns exec host$n ip link set lo up
    ip netns exec host$n ip addr add 10.77.0.$n/24 dev eth0
    ip netns exec host$n ip link set eth0 up
  done
} >said 2>&1 || { verdict "$name" 1 said; exit 0; }
cat >agent.sh <<'END'
#!/bin/sh
while [ "${1#-}" != "$1" ]; do shift; done
host=$1
shift
exec ip netns exec "$host" unshare --uts sh -c 'hostname "$1"; shift; exec sh -c "$*"' sh "$host" "$@"
END
chmod +x agent.sh
hostname host1
case $MPI_NAME in
*mpich*) hosts="-hosts host2,host3 -launcher ssh -launcher-exec $PWD/agent.sh -iface br0" ;;
*) hosts="-H host2,host3 --mca plm_rsh_agent $PWD/agent.sh" ;;
esac
# shellcheck disable=SC2086
timeout 300 $MPIRUN $hosts "$COMM_TESTS" >said 2>&1 </dev/null && [ "$(grep -c '^\[PASS\]' said)" -eq 3 ]
verdict "$name" $? said
began=$(date +%s)
# shellcheck disable=SC2086
timeout 60 $MPIRUN $hosts "$COMM_TESTS" killed-in-step >said 2>&1 </dev/null
code=$?
took=$(($(date +%s) - began))
[ $code -ne 0 ] && [ $took -le 10 ] && grep -q host3 said || { echo "code $code after $took s" >>said; false; }
verdict "a rank that dies behind a network ends all, and its host is named" $? said
