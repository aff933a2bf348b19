"""What differs between two contracts of one API, and how much each difference matters to a client.

``diff(before, after)`` is the whole of it; ``compare`` pairs operations, ``walk`` compares schemas, ``rules`` says how
much a change matters. Pure: contracts in, findings out.
"""

from contracts.diff.compare import Diff, diff
from contracts.diff.view import Incomparable

__all__ = ["Diff", "Incomparable", "diff"]
