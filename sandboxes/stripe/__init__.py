"""The real Stripe: its rules, its manners, and how what was made there is taken back."""
