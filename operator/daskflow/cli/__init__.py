"""The command `daskflow`. Knows the API's models and the runtime; nothing of the operator.

main             its commands
local            `daskflow local`
"""
