"""``python -m graphdl`` is the command ``graphdl``."""

from graphdl.cli import main

if __name__ == "__main__":
    main()
