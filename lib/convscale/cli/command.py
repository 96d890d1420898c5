"""How a command is declared: in one place with its help, its example and its function."""

import argparse
import re
from collections.abc import Callable, Iterable

from ..files import people_yaml

SHOWN = 80  # characters of a value that an error repeats
DECIMAL = re.compile(r"[+-]?[0-9]+")


class WithDefaults(argparse.HelpFormatter):
    """Says the default of every option that has one and does not say it."""

    def _get_help_string(self, action: argparse.Action) -> str | None:
        text = action.help or ""
        has_none = any(action.default is nothing for nothing in (None, False, argparse.SUPPRESS))
        if has_none or action.default == [] or "default" in text:
            return text
        return f"{text}; default: %(default)s"


class Commands:
    """Subcommands of a parser: of `convscale` itself, or of a group such as `convscale page`."""

    def __init__(self, parser: argparse.ArgumentParser):
        self.parsers = parser.add_subparsers(required=True, metavar="command")

    def add(self, name: str, function: Callable, about: str, example: str) -> argparse.ArgumentParser:
        """A command; `function` gets its parsed arguments."""
        parser = self.parsers.add_parser(
            name, help=about, description=about, epilog=f"example: {example}", formatter_class=WithDefaults
        )
        parser.set_defaults(function=function)
        return parser

    def group(self, name: str, about: str) -> "Commands":
        return Commands(self.parsers.add_parser(name, help=about))


def whole(least: int, most: int | None = None) -> Callable[[str], int]:
    """Reads a whole number from `least` on, at most `most`."""

    def read(text: str) -> int:
        if not text.isdecimal() or int(text) < least or (most is not None and int(text) > most):
            to = "on" if most is None else f"to {most:,}"
            raise argparse.ArgumentTypeError(f"{text!r}: a whole number from {least} {to} is needed")
        return int(text)

    return read


def parameters(pairs: Iterable[str]) -> dict:
    """["seeds=5"] -> {"seeds": 5}, values read as YAML, but whole numbers in decimal digits alone: to YAML 1.1 010 is
    eight and 1:30 is ninety. Raises ValueError for a pair that is none, and for a name that is given twice."""
    import yaml  # only now: most commands take none

    found = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise ValueError(f"parameter {pair!r}: write it as name=value, e.g. seeds=5")
        if name in found:
            raise ValueError(f"parameter {name!r} is given twice: leave out all but one")
        try:
            found[name] = people_yaml(value)
        except (yaml.YAMLError, RecursionError) as error:
            raise ValueError(
                f"parameter {pair[:SHOWN]!r}: the value is no YAML: {str(error).splitlines()[0]}"
            ) from None
        if type(found[name]) is int:
            if not DECIMAL.fullmatch(value.strip()):
                raise ValueError(f"parameter {pair[:SHOWN]!r}: write whole numbers in decimal digits, e.g. seeds=5")
            found[name] = int(value)
    return found


def takes_parameters(parser: argparse.ArgumentParser) -> None:
    """The option -p, repeated; `parameters` reads it."""
    parser.add_argument("-p", dest="parameters", action="append", default=[], metavar="name=value")


def matching(pattern: str | None, names: Callable[[str], list[str]]) -> list[str] | None:
    """The names to list where a command got none or a shell pattern; None where it got the name of one."""
    if pattern is None or any(sign in pattern for sign in "*?["):
        return names(pattern or "*")
    return None
