"""The pods of a run as processes of one machine, for `daskflow local`.

processes    starts and ends them
descendants  none is left behind

Imports no other room: only what lies beside them. The command imports it from outside.
"""
