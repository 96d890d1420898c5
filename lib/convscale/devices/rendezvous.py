"""How processes that torchrun started find those of the same start, and not the dead of an earlier one.

torch keeps their addresses in a store under the number of restarts that this machine's torchrun has counted. It counts
only those after a failure of its own process: one that begins anew because another machine's was killed has counted
less, and looks for the dead (torch 2.9, distributed/rendezvous.py and elastic/agent/server/api.py). So the first
process gives each start a name of its own, which it tells those that live.
"""

import os
import time
from uuid import uuid4

import torch.distributed as dist

POLL = 0.05  # seconds
NONE = b"none"


def store_of_this_start(rank: int, world: int) -> dist.Store | None:
    """What `init_process_group` takes; None where torchrun does not keep a store, or not by its own agent."""
    if os.environ.get("TORCHELASTIC_USE_AGENT_STORE") != "True":
        return None
    common = dist.TCPStore(os.environ["MASTER_ADDR"], int(os.environ["MASTER_PORT"]), is_master=False)
    name = announced(common, world) if rank == 0 else awaited(common, rank)
    return dist.PrefixStore(f"convscale/{name}", common)


def awaited(store: dist.Store, rank: int) -> str:
    """The name of this start, which the first process answers to a word that no process has said before."""
    word = uuid4().hex
    store.set(f"word/{rank}", word)
    name = store.get(f"name/{word}").decode()
    store.set(f"heard/{name}/{rank}", word)
    return name


def announced(store: dist.Store, world: int) -> str:
    """A new name, when all other processes have heard it. A word may be of one that is dead: its heir says another."""
    name, silent = uuid4().hex, set(range(1, world))
    answered: set[bytes] = set()
    while silent:
        for rank in list(silent):
            word = value(store, f"word/{rank}")
            if word not in (NONE, *answered):
                store.set(f"name/{word.decode()}", name)
                answered.add(word)
            if word != NONE and value(store, f"heard/{name}/{rank}") == word:
                silent.remove(rank)
        time.sleep(POLL)
    return name


def value(store: dist.Store, key: str) -> bytes:
    return store.get(key) if store.check([key]) else NONE
