"""Answers as older API versions have them: one file a change, named by the day that ended it."""
