#!/usr/bin/env python
"""Django's command line for the console; `bin/manage` calls it with the environment prepared."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import CommandError, execute_from_command_line

    from console.operations.entry import admit_command

    try:
        if {"-h", "--help"}.isdisjoint(sys.argv):
            admit_command("".join(sys.argv[1:2]))
        execute_from_command_line(sys.argv)
    except CommandError as error:
        sys.exit(str(error))
    except ImproperlyConfigured as error:
        # One clear line: a trace would bury which variable is wrong.
        sys.exit(f"The console cannot start: {error}")


if __name__ == "__main__":
    main()
