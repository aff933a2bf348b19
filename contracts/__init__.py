"""What the providers promise: load, match, read, check, write, generate.

Pure: no I/O beyond reading the compiled library, and no idea of an environment.
"""
