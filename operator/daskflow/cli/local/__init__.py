"""`daskflow local`: the processes of pods, on this machine."""
