"""A Slurm of one node on this machine: munged, slurmctld and slurmd of their own, without systemd, until closed."""

from __future__ import annotations

import contextlib
import getpass
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "setpriv")
_CONFIGURATION = """
ClusterName=local
SlurmctldHost={host}(127.0.0.1)
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge/socket
CredType=cred/munge
SlurmctldPort={controller_port}
SlurmdPort={node_port}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SwitchType=switch/none
SchedulerType=sched/backfill
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
ReturnToService=2
JobRequeue=1
KillWait=10
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
SlurmctldParameters=preempt_send_user_signal
SchedulerParameters=bf_interval=1,sched_interval=1,sched_min_interval=0
MailProg=/bin/true
NodeName={host} NodeAddr=127.0.0.1 CPUs=1 RealMemory=2000 State=UNKNOWN
PartitionName=low Nodes={host} Default=YES MaxTime=INFINITE State=UP PriorityTier=1 PreemptMode=REQUEUE GraceTime=60
PartitionName=high Nodes={host} MaxTime=INFINITE State=UP PriorityTier=10 PreemptMode=OFF
"""


def missing() -> list[str]:
    """The programs that are not here."""
    return [name for name in PROGRAMS if shutil.which(name) is None]


@contextlib.contextmanager
def cluster() -> Iterator[dict[str, str]]:
    """The environment in which commands of Slurm speak to it. All processes end with it, or with this process."""
    folder = Path(tempfile.mkdtemp(prefix="slurm-", dir="/tmp"))  # munge wants no folder above that others may write to
    folder.chmod(0o711)
    environment = {"SLURM_CONF": str(folder / "slurm.conf")}
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        stack.callback(_end_jobs, environment["SLURM_CONF"])
        _munge(folder, stack)
        _configure(folder)
        for name in ("state", "spool"):
            (folder / name).mkdir()
        _start(stack, environment, "slurmctld", "-D")
        _start(stack, environment, "slurmd", "-D", "-N", _host())
        _wait_until_idle(folder, environment)
        yield environment


def _configure(folder: Path) -> None:
    with socket.socket() as one, socket.socket() as other:
        for free in (one, other):
            free.bind(("127.0.0.1", 0))
        ports = {"controller_port": one.getsockname()[1], "node_port": other.getsockname()[1]}
    text = _CONFIGURATION.format(host=_host(), user=getpass.getuser(), folder=folder, **ports)
    (folder / "slurm.conf").write_text(text)


def _munge(folder: Path, stack: contextlib.ExitStack) -> None:
    own = folder / "munge"
    own.mkdir(mode=0o711)
    key = own / "key"
    key.write_bytes(os.urandom(128))
    key.chmod(0o400)
    user: tuple[str, ...] = ()
    if os.geteuid() == 0:  # munged does not run as root
        user = ("--reuid=munge", "--regid=munge", "--clear-groups")
        for path in (own, key):
            shutil.chown(path, "munge", "munge")
    files = [f"--{name}-file={own / name}" for name in ("key", "pid", "log", "seed")]
    _start(stack, {}, "munged", "--foreground", f"--socket={own / 'socket'}", *files, user=user)
    _until((own / "socket").exists, 10, own / "log")


def _start(stack: contextlib.ExitStack, environment: dict[str, str], *words: str, user: tuple[str, ...] = ()) -> None:
    process = subprocess.Popen(
        ["setpriv", "--pdeathsig=KILL", *user, *words],
        env=os.environ | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    stack.callback(_end, process)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()  # it then ends what it has started, too
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _wait_until_idle(folder: Path, environment: dict[str, str]) -> None:
    def idle() -> bool:
        words = ["sinfo", "--noheader", "--format=%T"]
        done = subprocess.run(words, env=os.environ | environment, capture_output=True, text=True, check=False)
        return set(done.stdout.split()) == {"idle"}

    _until(idle, 30, folder / "slurmctld.log")


def _until(true: object, seconds: float, log: Path) -> None:
    assert callable(true)
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise RuntimeError(f"Slurm does not start: {log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.1)


def _end_jobs(configuration: str) -> None:
    """Jobs and their daemons are children of nobody; their environment tells them."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.pid != os.getpid() and process.environ().get("SLURM_CONF") == configuration:
                process.kill()


def _host() -> str:
    return socket.gethostname().partition(".")[0]
