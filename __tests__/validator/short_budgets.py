"""A worker whose checks have tenths of seconds, for tests of the kill timers."""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', '..', 'validator'))

import dataclasses

import catalog
import worker

catalog.CHECKS[:] = [dataclasses.replace(check, budget_s=0.5) for check in catalog.CHECKS]
worker.main(sys.argv[2], int(sys.argv[3]))
