"""Makes typed events of a provider file of your own: ``python -m hookseal.typegen acme.toml > acme.py``."""

import sys

from hookseal._native import Provider, python_types
from hookseal.exceptions import ConfigError


def main(arguments: list[str]) -> int:
    """Write the module to standard output, or what is wrong to standard error."""
    match arguments:
        case [path] if not path.startswith("-"):
            pass
        case _:
            print("usage: python -m hookseal.typegen FILE.toml", file=sys.stderr)
            return 2
    try:
        sys.stdout.write(python_types(Provider.load(path)))
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
