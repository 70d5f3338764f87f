"""T1: what lies in the image, told by metadata and files alone. torch is not imported."""

import glob
import importlib.metadata
import os
import platform
import re
import subprocess
import sys
from typing import Dict, List

from catalog import Finding, Subject, check, failed, passed, skipped

# Where a CUDA installation or a distribution's packages put shared libraries.
SYSTEM_FOLDERS = (
    '/usr/lib',
    '/usr/lib64',
    '/usr/lib/*-linux-gnu',
    '/usr/local/lib',
    '/usr/local/cuda*/lib64',
    '/usr/local/cuda*/targets/*/lib',
)
SINGLE = ('cudnn', 'nccl')
SHOWN = 20


def package_roots() -> List[str]:
    """The folders that packages are installed in, links resolved."""
    return sorted({os.path.realpath(path) for path in sys.path if path.endswith(('site-packages', 'dist-packages'))})


def normalized(name: str) -> str:
    """A name of a project as PEP 503 compares it."""
    return re.sub(r'[-_.]+', '-', name).lower()


def is_unconditional(requirement: str) -> bool:
    """Whether a requirement holds without an extra having been asked for."""
    return re.search(r'\bextra\b', requirement.partition(';')[2]) is None


def distributions() -> Dict[str, Dict[str, object]]:
    """Every installed project with its version and what it requires; the first of a name on sys.path is the one that is imported."""
    found: Dict[str, Dict[str, object]] = {}
    for entry in importlib.metadata.distributions():
        name = entry.metadata['Name']
        if name is None or normalized(name) in found:
            continue
        found[normalized(name)] = {'version': entry.version, 'requires': [text for text in entry.requires or [] if is_unconditional(text)]}
    return found


def environment() -> Dict[str, str]:
    """What markers of requirements ask about, by the names of PEP 508."""
    return {
        'os_name': os.name,
        'sys_platform': sys.platform,
        'platform_system': platform.system(),
        'platform_machine': platform.machine(),
        'platform_release': platform.release(),
        'platform_python_implementation': platform.python_implementation(),
        'implementation_name': sys.implementation.name,
        'python_version': '%d.%d' % sys.version_info[:2],
        'python_full_version': platform.python_version(),
    }


@check('t1.packages', budget_s=30)
def packages_tell_themselves(subject: Subject) -> Finding:
    """Every installed project with what it requires; whether all of that is there is judged by the host."""
    found = distributions()
    return passed('%d packages are installed.' % len(found), measured={'environment': environment(), 'packages': found})


@check('t1.single', budget_s=30)
def cuda_libraries_are_there_once(subject: Subject) -> Finding:
    """One cuDNN and one NCCL: of two, which one a process gets depends on what was imported first."""
    measured, evidence, double = {}, [], []
    names = list(distributions())
    for library in SINGLE:
        wheels = [name for name in names if re.fullmatch(r'nvidia-%s(-cu\d+)?' % library, name)]
        folders = folders_with(library)
        measured[library] = len(folders)
        if len(folders) > 1 or len(wheels) > 1:
            double.append(library)
            evidence.extend(folders + wheels)
    if double:
        message = 'There is more than one %s.' % ' and more than one '.join(double)
        return failed('DOUBLE_LIBRARY', message, evidence=tuple(evidence[:SHOWN]), measured=measured, threshold={name: 1 for name in double})
    return passed('cuDNN and NCCL are there once at most.', measured=measured)


@check('t1.init', budget_s=20)
def first_process_starts_a_command(subject: Subject) -> Finding:
    """The init that the built-in image begins with: the validator is started past it, and every other container is not."""
    program = os.path.join(sys.prefix, 'bin', 'dumb-init')
    if not os.path.exists(program):
        return skipped('The packages bring no init.')
    try:
        ended = subprocess.run([program, '--', sys.executable, '-I', '-S', '-c', ''], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=15)
        said, status = ended.stdout.decode(errors='replace').splitlines(), ended.returncode
    except OSError as error:
        said, status = [str(error)], 126
    if status != 0:
        return failed('INIT_BROKEN', '%s starts no command (status %d).' % (program, status), evidence=tuple(said[:SHOWN]))
    return passed('%s starts a command.' % program)


def folders_with(library: str) -> List[str]:
    """The folders that hold a library, links resolved: beside packages, in the system's places, in LD_LIBRARY_PATH."""
    places = [place for pattern in SYSTEM_FOLDERS for place in glob.glob(pattern)]
    places += [place for place in os.environ.get('LD_LIBRARY_PATH', '').split(':') if place]
    places.append(os.path.join(sys.prefix, 'lib'))
    for root in package_roots():
        places += glob.glob(os.path.join(root, 'nvidia', '*', 'lib')) + glob.glob(os.path.join(root, 'torch', 'lib'))
    files = [path for place in places for path in glob.glob(os.path.join(glob.escape(place), 'lib%s.so*' % library))]
    return sorted({os.path.dirname(os.path.realpath(path)) for path in files})
