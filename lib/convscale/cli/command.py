"""How a command is declared: in one place with its help, its example and its function."""

import argparse
from collections.abc import Callable


class Commands:
    """Subcommands of a parser: of `convscale` itself, or of a group such as `convscale page`."""

    def __init__(self, parser: argparse.ArgumentParser):
        self.parsers = parser.add_subparsers(required=True, metavar="command")

    def add(self, name: str, function: Callable, about: str, example: str) -> argparse.ArgumentParser:
        """A command; `function` gets its parsed arguments."""
        parser = self.parsers.add_parser(name, help=about, description=about, epilog=f"example: {example}")
        parser.set_defaults(function=function)
        return parser

    def group(self, name: str, about: str) -> "Commands":
        return Commands(self.parsers.add_parser(name, help=about))
