"""Findings for people and for machines: markdown, JSON, JUnit and SARIF. Knows nothing of where they came from."""
