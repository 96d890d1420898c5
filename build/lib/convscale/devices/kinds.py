"""The words for devices and precisions, which are known without torch."""

KINDS = ("auto", "cpu", "cuda", "xla")
PRECISIONS = ("auto", "float32", "bfloat16", "float16")
