"""SendGrid's query language: what searches for contacts, segments and Email Activity are written in.

https://www.twilio.com/docs/sendgrid/for-developers/sending-email/segmentation-query-language (2026-11).
"""
