"""The operations that the SendGrid mock keeps state for, by what they are about."""
