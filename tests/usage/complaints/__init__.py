"""What people complain about on other platforms' usage pages, each complaint as a test."""
