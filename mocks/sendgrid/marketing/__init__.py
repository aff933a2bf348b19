"""Marketing Campaigns: contacts, the lists and segments that they are in, and what is known of them.

https://www.twilio.com/docs/sendgrid/api-reference/contacts and its neighbours (2026-11). SendGrid changes contacts in
jobs that take seconds; here a job is done when it is answered, and its status says so.
"""
