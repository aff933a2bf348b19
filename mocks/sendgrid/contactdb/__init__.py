"""The older contacts, of Legacy Marketing Campaigns: recipients, lists, custom fields, segments of conditions.

https://www.twilio.com/docs/sendgrid/api-reference/contacts-api-recipients and its neighbours (2026-11). They have
nothing to do with the contacts of Marketing Campaigns.
"""
