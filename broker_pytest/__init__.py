"""A pytest plugin: environments of preview-broker for tests, with clients, verifications and scopes.

Loaded in every run where it is installed, so it imports nothing of the server before a test asks for it.
"""
