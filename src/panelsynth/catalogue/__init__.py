"""What can be counted across many panels."""
