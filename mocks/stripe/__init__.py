"""Stripe: a stateful stand-in for its test mode."""
