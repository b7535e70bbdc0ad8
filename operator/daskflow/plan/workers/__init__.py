"""Workers that are alike, as the lives of all clusters look at them.

crew      who is present, staying, retired, dead
backoff   when dead ones are made again, and which of them are kept
trouble   why they die
"""
