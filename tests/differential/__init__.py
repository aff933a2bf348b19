"""The same calls to our S3 and to an independent server, and what may differ: see test_against_moto."""
