"""How fast the hot paths are, each beside a yardstick that runs in turns with it: `python -m bench [NAME …] [--small]`."""
