"""A plugin of pytest for nbval: what a cell says on stderr, as progress or of a missing font, is no result.

Pages are published without it, so on any machine where something is said nbval would find one output too many.
"""


def pytest_collectstart(collector) -> None:
    if hasattr(collector, "skip_compare"):  # of nbval's notebooks alone
        collector.skip_compare += ("stderr",)
