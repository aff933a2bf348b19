"""Durable work on DBOS: webhook deliveries, closing, expiry."""
