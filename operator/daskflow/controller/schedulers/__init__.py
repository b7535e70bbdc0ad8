"""The talk with Dask schedulers: who is asked, how often, and what is said both ways.

It reads from `known` whom to ask, and puts there what it hears. Of the controller's rooms it imports `known`
and `kubernetes` only; no plan and no write is made here.
"""
