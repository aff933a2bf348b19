"""What tests say about exchanges, mails, events and deliveries, and whether it is so."""
