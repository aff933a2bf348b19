"""How fast the broker is, as ratios to a bare app on the same server, measured in one run.

``python -m bench`` (or ``make bench``). Load comes from a second process on another core; windows of the
bare app and of the broker alternate, so that a busy machine disturbs both alike.
"""
