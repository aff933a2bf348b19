"""Stateful stand-ins, one folder a service. Knows contracts only: no environment, no I/O, no web framework."""
