"""torchrun whose exit code is that of the process that ended first, where torchrun's own is 1 whatever happened."""

import sys
from typing import NoReturn

from torch.distributed.elastic.multiprocessing import SignalException
from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
from torch.distributed.run import main as torchrun


def main() -> NoReturn:
    """With torchrun's words. Of several that failed, one that was killed counts: the others lost it."""
    try:
        torchrun()
    except ChildFailedError as error:
        codes = [failure.exitcode for failure in error.failures.values()]
        killed = [128 - code for code in codes if code < 0]
        sys.exit(killed[0] if killed else error.get_first_failure()[1].exitcode)
    except SignalException as told:
        sys.exit(128 + told.sigval)
    sys.exit(0)


if __name__ == "__main__":
    main()
