"""Counts and timings of models."""

from .counting import as_paper_flops, count_activations, count_macs, count_params, count_stages
from .speed import Case, compile_time, latency, peak_memory, throughput

__all__ = [
    "Case",
    "as_paper_flops",
    "compile_time",
    "count_activations",
    "count_macs",
    "count_params",
    "count_stages",
    "latency",
    "peak_memory",
    "throughput",
]
