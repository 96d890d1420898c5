from .description import describe as describe
from .description import stages_of as stages_of
from .evaluation import Trained as Trained
from .evaluation import evaluate as evaluate
from .evaluation import load_trained as load_trained
from .fitting import Outcome as Outcome
from .fitting import fit as fit
from .own_data import own_images as own_images
