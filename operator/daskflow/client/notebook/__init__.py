"""A run as a notebook shows it.

html             its state, attempts, result or failure and timeline, from what is known of it; pure
display          the same while somebody waits for it, kept up to date in its cell
"""
