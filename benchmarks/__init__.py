"""Comparisons: two things interleaved in one run, median ratio and spread. Nothing here gates a test."""
