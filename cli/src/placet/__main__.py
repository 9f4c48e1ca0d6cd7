"""`python -m placet` is `placet`."""

from placet_client.__main__ import main

if __name__ == "__main__":
    main()
