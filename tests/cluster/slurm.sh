#!/bin/sh
# A real Slurm on this machine, for `make test-cluster`: munge, accounting, two nodes of one core with memory limits and
# two GPUs that Slurm counts and nobody has, and a partition `high` that preempts `cpu` by requeueing. On Debian or
# Ubuntu, as root.
#   slurm.sh install      the distribution's packages, once
#   slurm.sh up FOLDER    starts it; everything it writes lies in FOLDER. Clients need SLURM_CONF=FOLDER/slurm.conf
#   slurm.sh down FOLDER  ends the processes that `up` began, by their numbers
set -eu
FOLDER=${2:-}
HOST=$(hostname -s)
# Version 2 of control groups needs systemd here, which containers lack: then memory has no limit.
if [ -d /sys/fs/cgroup/memory ]; then
    LIMITS=$(printf 'ProctrackType=proctrack/cgroup\nTaskPlugin=task/cgroup')
else
    LIMITS=ProctrackType=proctrack/linuxproc
fi

install() {
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends slurm-wlm slurmdbd slurm-client munge mariadb-server >/dev/null
}

write_configuration() {
    mkdir -p "$FOLDER/state" "$FOLDER/log" "$FOLDER/spool/n1" "$FOLDER/spool/n2"
    cat >"$FOLDER/slurm.conf" <<END
ClusterName=test
SlurmctldHost=$HOST(127.0.0.1)
SlurmUser=root
AuthType=auth/munge
MailProg=/bin/true
MpiDefault=none
StateSaveLocation=$FOLDER/state
SlurmdSpoolDir=$FOLDER/spool/%n
SlurmctldPidFile=$FOLDER/slurmctld.pid
SlurmdPidFile=$FOLDER/slurmd.%n.pid
SlurmctldLogFile=$FOLDER/log/slurmctld.log
SlurmdLogFile=$FOLDER/log/slurmd.%n.log
$LIMITS
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=5
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerParameters=sched_interval=2,bf_interval=2,batch_sched_delay=1
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
MinJobAge=300
ReturnToService=2
MaxArraySize=2001
AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=127.0.0.1
AccountingStorageEnforce=associations,limits
GresTypes=gpu
NodeName=n1 NodeHostname=$HOST NodeAddr=127.0.0.1 Port=6821 CPUs=1 RealMemory=4000 Gres=gpu:2
NodeName=n2 NodeHostname=$HOST NodeAddr=127.0.0.1 Port=6822 CPUs=1 RealMemory=4000 Gres=gpu:2
PartitionName=cpu Nodes=n[1-2] Default=YES MaxTime=1-0 DefMemPerNode=2000 PriorityTier=1
PartitionName=high Nodes=n[1-2] MaxTime=1-0 DefMemPerNode=2000 PriorityTier=10 PreemptMode=OFF
END
    # Two files that every machine has: Slurm 22.05 counts no GPU without its file.
    printf 'Name=gpu File=/dev/null\nName=gpu File=/dev/zero\n' >"$FOLDER/gres.conf"
    cat >"$FOLDER/cgroup.conf" <<END
CgroupPlugin=cgroup/v1
ConstrainCores=no
ConstrainRAMSpace=yes
ConstrainSwapSpace=no
END
    cat >"$FOLDER/slurmdbd.conf" <<END
AuthType=auth/munge
DbdHost=$HOST
DbdAddr=127.0.0.1
SlurmUser=root
StorageType=accounting_storage/mysql
StorageHost=127.0.0.1
StoragePort=3399
StorageUser=slurm
StoragePass=slurm
StorageLoc=slurm_acct_db
LogFile=$FOLDER/log/slurmdbd.log
PidFile=$FOLDER/slurmdbd.pid
END
    chmod 600 "$FOLDER/slurmdbd.conf"
}

start_munge() {
    [ -f /etc/munge/munge.key ] || mungekey --create
    mkdir -p /run/munge /var/log/munge
    chown munge: /run/munge /var/log/munge /etc/munge/munge.key
    munge -n >/dev/null 2>&1 && return
    runuser -u munge -- munged --pid-file=/run/munge/munged.pid
    cp /run/munge/munged.pid "$FOLDER/munged.pid"
}

start_database() {
    if [ ! -d "$FOLDER/mysql/mysql" ]; then
        mkdir -p "$FOLDER/mysql"
        chown mysql: "$FOLDER/mysql"
        mariadb-install-db --user=mysql --datadir="$FOLDER/mysql" --auth-root-authentication-method=socket >/dev/null 2>&1
    fi
    setsid mariadbd --user=mysql --datadir="$FOLDER/mysql" --socket="$FOLDER/mysql/socket" --port=3399 \
        --bind-address=127.0.0.1 --pid-file="$FOLDER/mysql/pid" --innodb-buffer-pool-size=64M \
        --innodb-lock-wait-timeout=900 >"$FOLDER/log/mariadb.log" 2>&1 </dev/null &
    wait_for "the database" test -S "$FOLDER/mysql/socket"
    mariadb -S "$FOLDER/mysql/socket" -e "CREATE DATABASE IF NOT EXISTS slurm_acct_db;
        CREATE USER IF NOT EXISTS slurm@'127.0.0.1' IDENTIFIED BY 'slurm'; GRANT ALL ON slurm_acct_db.* TO slurm@'127.0.0.1';
        CREATE USER IF NOT EXISTS slurm@localhost IDENTIFIED BY 'slurm'; GRANT ALL ON slurm_acct_db.* TO slurm@localhost;"
    slurmdbd
    wait_for slurmdbd sacctmgr -n show cluster
    sacctmgr -i -Q add cluster test >/dev/null 2>&1 || true
    sacctmgr -i -Q add account research description=r organization=o >/dev/null 2>&1 || true
    sacctmgr -i -Q add user root account=research defaultaccount=research >/dev/null 2>&1 || true
}

wait_for() {
    what=$1
    shift
    for _ in $(seq 100); do
        "$@" >/dev/null 2>&1 && return
        sleep 0.2
    done
    echo "slurm.sh: waited 20 s in vain for $what; logs are in $FOLDER/log" >&2
    exit 1
}

nodes_idle() {
    [ "$(timeout 3 sinfo -h -p cpu -o %T)" = idle ]
}

up() {
    export SLURM_CONF="$FOLDER/slurm.conf"
    mkdir -p "$FOLDER"
    write_configuration
    start_munge
    start_database
    slurmctld
    slurmd -N n1
    slurmd -N n2
    wait_for "two nodes" nodes_idle
}

down() {
    ended=
    for file in "$FOLDER"/slurmd.n?.pid "$FOLDER/slurmctld.pid" "$FOLDER/slurmdbd.pid" "$FOLDER/mysql/pid" "$FOLDER/munged.pid"; do
        number=$(cat "$file" 2>/dev/null) || continue
        ! kill "$number" 2>/dev/null || ended="$ended $number"
    done
    for number in $ended; do
        wait_for "the end of process $number" sh -c "! kill -0 $number"
    done
}

case ${1:-} in
install) install ;;
up) up ;;
down) down ;;
*)
    sed -n 2,7p "$0"
    exit 2
    ;;
esac
