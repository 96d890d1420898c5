"""The kernel that executes pages: the Python and the convscale of this process, whatever Jupyter's folders, the shell
and the person's own settings say.

A kernel named python3 is looked for in many folders (JUPYTER_PATH, ~/.local/share/jupyter, the environment's), and the
first of them may belong to another Python with another convscale.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager

from ..paths import PACKAGE

# Of ipykernel and IPython: no warning of the local TCP port, none of the person's start-up files (those of a profile
# lie in IPYTHONDIR), and no modules from the folder in which the command was given.
OPTIONS = [
    "--IPKernelApp.log_level=CRITICAL",
    "--IPKernelApp.exec_PYTHONSTARTUP=False",
    "--IPKernelApp.ignore_cwd=True",
]

# Sockets in our folder instead of ports, which another kernel may take between their choice and their use. Linux takes
# addresses of at most 107 characters, macOS of 103; jupyter_client adds nine to the name of the connection file.
LONGEST_SOCKET = 90


def settings(folder: Path) -> dict[str, str]:
    """Variables of the kernel's environment that are not the shell's; `folder` is empty and its own.

    `Agg` draws without a screen and shows nothing by itself: pages show their own drawings.
    """
    path = os.pathsep.join(filter(None, [str(PACKAGE.parent), os.environ.get("PYTHONPATH")]))
    folders = dict.fromkeys(("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR"), str(folder))
    return {**folders, "MPLBACKEND": "Agg", "PYTHONPATH": path, "PYTHONUTF8": "1"}


@contextmanager
def own_kernel() -> Iterator[type[AsyncKernelManager]]:
    """What nbclient takes as its `kernel_manager_class`. Its files lie in a folder that is removed at the end, so that
    no home is needed."""
    with TemporaryDirectory(prefix="convscale-kernel-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        argv = [sys.executable, "-P", "-m", "ipykernel_launcher", "-f", "{connection_file}", *OPTIONS]
        spec = KernelSpec(argv=argv, env=settings(folder), display_name="convscale", language="python")

        class OwnKernel(AsyncKernelManager):
            @property
            def kernel_spec(self) -> KernelSpec:
                return spec

            def _connection_file_default(self) -> str:
                return str(folder / "kernel.json")

            def _transport_default(self) -> str:
                return "ipc" if len(self.connection_file) <= LONGEST_SOCKET else "tcp"

        yield OwnKernel
