"""What notebooks import, and what turns them into pages of the book."""

from .page import Page, start

__all__ = ["Page", "start"]
