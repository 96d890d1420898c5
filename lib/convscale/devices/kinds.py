"""The words for devices and precisions, which are known without torch."""

KINDS = ("auto", "cpu", "cuda", "xla")  # auto: a TPU or GPU where there is one
PRECISIONS = ("auto", "float32", "bfloat16", "float16")  # auto: bfloat16 where the device is fast at it
