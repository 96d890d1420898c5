"""`make bench`: ratios against timm, bare loops and other ways to do the same; no part of the package."""
