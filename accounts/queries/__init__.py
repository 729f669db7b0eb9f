"""What conditions of querysets have in common."""
