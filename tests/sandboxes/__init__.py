"""Mirrors sandboxes/."""
