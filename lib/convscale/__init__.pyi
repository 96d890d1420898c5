from . import experiments as experiments
from .evidence import load_claims as load_claims
from .evidence import paper_table as paper_table
from .learning import evaluate as evaluate
from .learning import fit as fit
from .learning import load_trained as load_trained
from .learning import own_images as own_images
from .learning import predict as predict
from .measure import count_macs as count_macs
from .measure import count_params as count_params
from .models import build as build
from .models import list_models as list_models
from .models import load_weights as load_weights
from .recipes import Recipe as Recipe
from .recipes import Run as Run
from .recipes import Schedule as Schedule
from .recipes import Stage as Stage
from .recipes import preset as preset
from .recipes import progressive as progressive
from .records import load_records as load_records

__version__: str
