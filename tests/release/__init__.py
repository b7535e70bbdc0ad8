"""A release as its users get it: `make test-release`, which takes minutes and asks registries.

- `test_pythons`: the wheel in environments of all Pythons that this machine has.
- `test_files`: all files of a release; this machine's zipapp under each Python. krew itself, which is built
  by Go, installs `kubectl daskflow` from them.
"""
