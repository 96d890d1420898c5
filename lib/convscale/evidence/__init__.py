"""Evidence: the papers' numbers, the records of our runs, and the verdicts that join them."""

from .claims import judge, load_claims
from .paper import paper_table
from .records import Store, load_records, local, published
from .tables import Table, compare, costs, exact, verdicts

__all__ = [
    "Store",
    "Table",
    "compare",
    "costs",
    "exact",
    "judge",
    "load_claims",
    "load_records",
    "local",
    "paper_table",
    "published",
    "verdicts",
]
