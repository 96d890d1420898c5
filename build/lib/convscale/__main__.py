"""`python -m convscale`, which torchrun needs: `torchrun --nproc-per-node 8 -m convscale train ...`."""

from .cli import main

if __name__ == "__main__":
    main()
