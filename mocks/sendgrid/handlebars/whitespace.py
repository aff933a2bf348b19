"""Which blanks of a template are not written: those that ``~`` takes away, and the lines that blocks and comments have
for themselves (https://handlebarsjs.com/guide/expressions.html#whitespace-control, 2026-11).

Where Handlebars.js takes away more or less than one would expect, as between the parts of a long else-if, this does the
same: a mail is compared letter by letter.
"""

from __future__ import annotations

from typing import Final

from mocks.sendgrid.handlebars.tree import Block, Comment, Node, Text, Tilde

#: What \s means in JavaScript.
BLANKS: Final = (
    "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f"
    "\u3000\ufeff"
)
_KEPT: Final[Tilde] = (False, False)


def tidy(body: list[Node], *, root: bool = True) -> None:
    """Take the blanks away, in place, the inner blocks' first."""
    for place, node in enumerate(body):
        if isinstance(node, Text):
            continue
        before, after = _ends_line(body, place, root), _begins_line(body, place, root)
        if isinstance(node, Block):
            opens, closes = _tidy_block(node)
            left, right = node.branches[0].tilde[0], node.close[1]
        else:
            left, right = node.tilde
            opens = closes = False
        # What stood there originally decides, whatever has been taken away meanwhile.
        if right:
            _strip_right(body, place + 1, everything=True)
        if left:
            _strip_left(body, place - 1, everything=True)
        if isinstance(node, Comment) and before and after:
            _strip_right(body, place + 1)
            _strip_left(body, place - 1)
        if isinstance(node, Block) and opens and before:
            _strip_right(node.branches[0].body, 0)
            _strip_left(body, place - 1)
        if isinstance(node, Block) and closes and after:
            _strip_right(body, place + 1)
            if len(node.branches) == 1 or node.branches[1].call is None:
                _strip_left(node.branches[-1].body, len(node.branches[-1].body) - 1)


def _tidy_block(block: Block) -> tuple[bool, bool]:
    """Whether its first expression ends a line inside of it, and its last begins one."""
    branches = block.branches
    for branch in branches:
        tidy(branch.body, root=False)
    opens = _begins_line(branches[0].body, -1, False)
    second = branches[1] if len(branches) > 1 else branches[0]
    closes = _ends_line(second.body, len(second.body), False)
    for place in reversed(range(len(branches))):
        if branches[place].call is not None or place == 0:
            _between(block, place)
    return opens, closes


def _between(block: Block, place: int) -> None:
    """The blanks at the end of a branch and at the beginning of the next one."""
    branch = block.branches[place]
    following = block.branches[place + 1] if place + 1 < len(block.branches) else None
    # The close of a third part and those after it is, for Handlebars.js, the expression that opened it.
    close = block.close if place < 2 else branch.tilde
    if branch.tilde[1]:
        _strip_right(branch.body, 0, everything=True)
    if following is None:
        if close[0]:
            _strip_left(branch.body, len(branch.body) - 1, everything=True)
        return
    if following.tilde[0]:
        _strip_left(branch.body, len(branch.body) - 1, everything=True)
    if following.tilde[1]:
        _strip_right(following.body, 0, everything=True)
    if close[0]:
        # The blanks before the block's end are looked for here: in a chain Handlebars.js finds the next part's.
        _strip_left(following.body, len(following.body) - 1, everything=True)
    if _ends_line(branch.body, len(branch.body), False) and _begins_line(following.body, -1, False):
        _strip_left(branch.body, len(branch.body) - 1)
        _strip_right(following.body, 0)


def _ends_line(body: list[Node], place: int, root: bool) -> bool:
    """Whether nothing but blanks stands between the beginning of the line and ``place``."""
    if place == 0:
        return root
    before = body[place - 1]
    if not isinstance(before, Text):
        return False
    tail = before.original[len(before.original.rstrip(BLANKS)) :]
    return "\n" in tail or (root and place == 1 and tail == before.original)


def _begins_line(body: list[Node], place: int, root: bool) -> bool:
    """Whether nothing but blanks stands between ``place`` and the end of the line."""
    if place + 1 >= len(body):
        return root
    after = body[place + 1]
    if not isinstance(after, Text):
        return False
    head = after.original[: len(after.original) - len(after.original.lstrip(BLANKS))]
    return "\n" in head or (root and place + 2 == len(body) and head == after.original)


def _strip_right(body: list[Node], place: int, *, everything: bool = False) -> None:
    """Take blanks from the beginning of the text at ``place``: all, or the rest of their line."""
    text = body[place] if 0 <= place < len(body) else None
    if not isinstance(text, Text) or (text.right_stripped and not everything):
        return
    if everything:
        value = text.value.lstrip(BLANKS)
    else:
        value = text.value.lstrip(" \t")
        value = value[2:] if value.startswith("\r\n") else value.removeprefix("\n")
    text.right_stripped = value != text.value
    text.value = value


def _strip_left(body: list[Node], place: int, *, everything: bool = False) -> None:
    """Take blanks from the end of the text at ``place``: all, or those of its last line."""
    text = body[place] if 0 <= place < len(body) else None
    if not isinstance(text, Text) or (text.left_stripped and not everything):
        return
    value = text.value.rstrip(BLANKS if everything else " \t")
    text.left_stripped = value != text.value
    text.value = value
