"""Counts and timings of models."""

from .counting import as_paper_flops, count_activations, count_macs, count_params, count_stages

__all__ = ["as_paper_flops", "count_activations", "count_macs", "count_params", "count_stages"]
