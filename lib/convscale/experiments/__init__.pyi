from .estimate import estimate_jobs as estimate_jobs
from .execute import Job as Job
from .scales import v2_table13 as v2_table13
