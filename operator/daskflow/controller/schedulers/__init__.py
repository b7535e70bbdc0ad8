"""The talk with Dask schedulers: who is asked, how often, and what is said both ways."""
