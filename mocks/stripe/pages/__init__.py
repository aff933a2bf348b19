"""Pages that Stripe hosts for people: checkout, the bank's question of 3-D Secure, payment links, the portal."""
