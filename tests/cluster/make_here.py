"""What torchrun starts in tests: `make_here.py JOB FOLDER` makes the pickled job; its record goes to store FOLDER."""

import pickle
import sys
from pathlib import Path

from convscale.experiments.execute import execute
from convscale.records import Store

if __name__ == "__main__":
    execute([pickle.loads(Path(sys.argv[1]).read_bytes())], Store(Path(sys.argv[2])), "cpu")
