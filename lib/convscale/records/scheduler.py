"""Which job of a cluster this process is part of."""

import os
import platform


def scheduler_job() -> str | None:
    """The name by which a scheduler's commands know this process's job; None without a scheduler.

    Slurm: 12 or, in an array, 12_3 (sbatch(1), "output environment variables"). Kubernetes: the pod, whose name is that
    of its host; its Job gives the completion index (kubernetes.io, "Indexed Job").
    """
    if array := os.environ.get("SLURM_ARRAY_JOB_ID"):
        return f"{array}_{os.environ.get('SLURM_ARRAY_TASK_ID')}"
    if "JOB_COMPLETION_INDEX" in os.environ:
        return platform.node()
    return os.environ.get("SLURM_JOB_ID")
