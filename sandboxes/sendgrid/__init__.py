"""The real SendGrid: what may pass to it, and how it is taken back."""
