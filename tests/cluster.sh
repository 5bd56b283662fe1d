#!/usr/bin/env bash
# Runs the tests of the trait Category=Cluster with a real Slurm, which it starts on this machine alone and ends again, and a real mpirun.
#   tests/cluster.sh --install         installs Debian's packages, as root
#   tests/cluster.sh [OPTION OF dotnet test]...
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# The last one only gives PMIx the name by which Slurm looks for it.
packages=(slurm-wlm munge openmpi-bin libopenmpi3 libpmix-dev)
export PATH=$PATH:/usr/sbin

missing() {
    local command
    for command in munged slurmctld slurmd sbatch squeue mpirun; do
        command -v "$command" >/dev/null || { echo "$command"; return; }
    done
}

if [[ ${1-} == --install ]]; then
    [[ -n $(missing) ]] || exit 0
    log=$(mktemp)
    trap 'rm -f "$log"' EXIT
    export DEBIAN_FRONTEND=noninteractive
    # A machine without network is told from a slow one by time alone.
    if ! { timeout 60 apt-get update -qq && timeout 300 apt-get install -y -qq --no-install-recommends "${packages[@]}"; } >"$log" 2>&1; then
        echo "tests/cluster.sh: ${packages[*]} cannot be installed here: $(grep -m 1 . "$log")" >&2
        exit 2
    fi
    exit 0
fi

if [[ -n $(missing) ]]; then
    echo "tests/cluster.sh: expected $(missing), found none; tests/cluster.sh --install installs Debian's ${packages[*]}" >&2
    exit 2
fi

state=$(mktemp -d)
chmod 755 "$state"
mkdir "$state/controller" "$state/node"
started=()
finish() {
    local process
    # Jobs of tests that were broken off outlive the daemons.
    scancel --me 2>/dev/null
    for _ in $(seq 50); do
        [[ -n $(squeue --me --noheader 2>/dev/null) ]] || break
        sleep 0.2
    done
    for process in "${started[@]}"; do
        kill "$process" 2>/dev/null
    done
    wait
    rm -rf "$state"
}
trap finish EXIT

# A key, a socket and ports of its own: whatever Slurm this machine may be part of is not touched.
dd if=/dev/urandom of="$state/key" bs=128 count=1 2>/dev/null
chmod 600 "$state/key"
port=$((20000 + RANDOM % 10000))
host=$(hostname -s)
user=$(id -un)
cat >"$state/slurm.conf" <<END
ClusterName=dit-tests
SlurmctldHost=$host(127.0.0.1)
SlurmUser=$user
SlurmdUser=$user
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket=$state/munge.socket
SlurmctldPort=$port
SlurmdPort=$((port + 1))
StateSaveLocation=$state/controller
SlurmdSpoolDir=$state/node
SlurmctldPidFile=$state/slurmctld.pid
SlurmdPidFile=$state/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
ReturnToService=2
MinJobAge=300
NodeName=$host NodeAddr=127.0.0.1 CPUs=4 State=UNKNOWN
PartitionName=all Nodes=$host Default=YES MaxTime=INFINITE State=UP
END
export SLURM_CONF=$state/slurm.conf

munged --foreground --force --key-file="$state/key" --socket="$state/munge.socket" --pid-file="$state/munged.pid" \
    --log-file="$state/munged.log" --seed-file="$state/munged.seed" >"$state/munged.out" 2>&1 &
started+=($!)
for _ in $(seq 50); do
    [[ -S $state/munge.socket ]] && break
    sleep 0.2
done
slurmctld -D >"$state/slurmctld.out" 2>&1 &
started+=($!)
slurmd -D >"$state/slurmd.out" 2>&1 &
started+=($!)
for _ in $(seq 150); do
    [[ $(sinfo --noheader --format=%T 2>/dev/null) == idle ]] && break
    sleep 0.2
done
if [[ $(sinfo --noheader --format=%T 2>/dev/null) != idle ]]; then
    echo "tests/cluster.sh: Slurm did not start" >&2
    tail -n 20 "$state"/*.out "$state/munged.log" >&2
    exit 1
fi

# More ranks than cores, and root, where CI is: Open MPI wants to be told that this is meant.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_mpi_yield_when_idle=1
dotnet test --solution dit.slnx "$@" --explicit on --filter-trait Category=Cluster --ignore-exit-code 8
