"""`python -m daskflow.controller` runs the operator."""

from daskflow.controller.main import main

if __name__ == "__main__":
    main()
