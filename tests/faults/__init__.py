"""The fault matrix: a provider that fails, a broker that is killed, and nothing that leaks or is wrongly deleted."""
