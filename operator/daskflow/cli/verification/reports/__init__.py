"""What a verification came to, for people and programs: pure.

lines      on the terminal, one a check
markdown   a page
junit      for CI
as_json    for scripts
"""
