from .choose import pick as pick
from .hardware import cores as cores
from .hardware import describe_devices as describe_devices
from .hardware import free_memory as free_memory
from .hardware import torchrun_here as torchrun_here
from .kinds import KINDS as KINDS
from .kinds import PRECISIONS as PRECISIONS
from .seam import Device as Device
