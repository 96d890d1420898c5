from .claims import load_claims as load_claims
from .judging import judge as judge
from .paper import list_paper_tables as list_paper_tables
from .paper import paper_table as paper_table
from .paper import show_paper_table as show_paper_table
from .verdict import Verdict as Verdict
