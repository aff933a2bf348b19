"""The real providers, one folder a provider. Knows contracts only; sends through what it is given."""
