"""The Handlebars of SendGrid's dynamic templates: read, checked and rendered within bounds."""
