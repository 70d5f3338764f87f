"""Validates a PyTorch image on the GPU that it runs on: `python3 -I -S validate.py < order.json`, one JSON line per check.

The order comes by standard input. It is one JSON object: {nonce, level, expected, host,
floors, previous, hold_s, hold_mib}. Each line carries a number and a MAC under the nonce, which only the process that prints them knows: code of the image, which runs in workers,
can neither print a line of its own nor change one.
Exit status: 0 where every tier passed, 1 where one failed, 2 where the order could not be read.
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))


def main(arguments: list) -> int:
    if arguments[:1] == ['--worker']:
        import worker

        worker.main(arguments[1], int(arguments[2]))
        return 0
    import report

    return report.answer(sys.stdin, sys.stdout)


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
