#!/bin/sh
# Two hosts on one machine, for `make test-cluster`: network namespaces csA and csB with a cable between them, and host
# names of their own. As root.
#   two_hosts.sh up | down
#   two_hosts.sh run A|B COMMAND...    runs a command there
set -eu

up() {
    for host in A B; do
        ip netns add "cs$host"
        ip -n "cs$host" link set lo up
        mkdir -p "/etc/netns/cs$host"
        printf '127.0.0.1 localhost\n10.91.0.1 csA\n10.91.0.2 csB\n' >"/etc/netns/cs$host/hosts"
    done
    ip link add cableA type veth peer name cableB
    ip link set cableA netns csA
    ip link set cableB netns csB
    ip -n csA addr add 10.91.0.1/24 dev cableA
    ip -n csB addr add 10.91.0.2/24 dev cableB
    ip -n csA link set cableA up
    ip -n csB link set cableB up
}

down() {
    for host in A B; do
        ip netns del "cs$host" 2>/dev/null || true
        rm -rf "/etc/netns/cs$host"
    done
}

run() {
    host=$1
    shift
    export GLOO_SOCKET_IFNAME="cable$host"
    exec ip netns exec "cs$host" unshare -u sh -c 'hostname "$0"; exec "$@"' "cs$host" "$@"
}

case ${1:-} in
up) up ;;
down) down ;;
run)
    shift
    run "$@"
    ;;
*)
    sed -n 2,5p "$0"
    exit 2
    ;;
esac
