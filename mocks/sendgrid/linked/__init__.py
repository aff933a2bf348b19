"""What people who got a mail reach by its links."""
