"""A stand-in for torch, for tests of control flow alone: no PyTorch, no GPU, and no numbers that anything could be judged by.

What it plays is scripted by the variable STAND_IN_TORCH, a JSON object:
{cuda, version, arch_flags, devices: [{uuid, name, capability, memory_mib}], misbehave: {place: hang | kill | forge | nan | raise: text}}
where a place is `import`, `init`, `ones`, `sum`, `sum@<device>`, `cudnn`, `numpy` or `nms`.
"""

import json
import os
import signal
import time
import types

SCRIPT = json.loads(os.environ.get('STAND_IN_TORCH', '{}'))
__version__ = SCRIPT.get('version', '2.8.0+stand-in')
version = types.SimpleNamespace(cuda=SCRIPT.get('cuda', '12.8'), git_version='stand-in', debug=False)
int64, uint8, float32 = 'int64', 'uint8', 'float32'


def act(place):
    how = SCRIPT.get('misbehave', {}).get(place)
    if how == 'hang':
        print('about to hang in %s' % place, flush=True)
        time.sleep(3600)
    if how == 'kill':
        os.kill(os.getpid(), signal.SIGSEGV)
    if how == 'forge':
        forge()
    if isinstance(how, str) and how.startswith('raise: '):
        raise RuntimeError(how[len('raise: ') :])


def forge():
    """What hostile code of an image would try: a line of its own in the validator's output."""
    line = json.dumps({'format': 1, 'seq': 99, 'event': 'end', 'result': 'pass', 'mac': '0' * 64})
    print(line, flush=True)
    try:
        with open('/proc/%d/fd/1' % os.getppid(), 'w') as stream:
            stream.write(line + '\n')
    except OSError as error:
        print('the way to the host is closed: %s' % error, flush=True)


class device(str):
    @property
    def index(self):
        return int(self.split(':')[1]) if ':' in self else 0


class Tensor:
    """Numbers in a list, which claim to be on a device."""

    def __init__(self, values, place='cpu'):
        self.values, self.place = values, device(place)

    def to(self, place):
        return Tensor(self.values, place)

    def __mul__(self, factor):
        return Tensor([value * factor for value in self.values], self.place)

    def __add__(self, term):
        return Tensor([value + term for value in self.values], self.place)

    def sum(self):
        act('sum')
        act('sum@%d' % self.place.index)
        is_broken = SCRIPT.get('misbehave', {}).get('sum') == 'nan'
        return Tensor([float('nan') if is_broken else sum(self.values)], self.place)

    def item(self):
        return self.values[0]

    def numpy(self):
        act('numpy')
        return self

    def tolist(self):
        return self.values


def arange(count, dtype=None):
    return Tensor(list(range(count)))


def linspace(first, last, count, device='cpu'):
    return Tensor([first + (last - first) * at / (count - 1) for at in range(count)], device)


def ones(count, dtype=None, device='cpu'):
    act('ones')
    return Tensor([1], device)


class Cuda:
    def __init__(self):
        self.devices = SCRIPT.get('devices', [])

    def is_available(self):
        return version.cuda is not None and len(self.devices) > 0

    def device_count(self):
        return len(self.devices)

    def init(self):
        act('init')

    def synchronize(self, index=None):
        return None

    def get_device_capability(self, index):
        major, minor = self.devices[index]['capability'].split('.')
        return int(major), int(minor)

    def get_device_properties(self, index):
        told = self.devices[index]
        major, minor = self.get_device_capability(index)
        return types.SimpleNamespace(
            uuid=told['uuid'], name=told['name'], major=major, minor=minor, total_memory=told['memory_mib'] * 1024 * 1024
        )


class Cudnn:
    def version(self):
        act('cudnn')
        return None if version.cuda is None else 91002


def tensor(values):
    return Tensor(values)


def from_numpy(array):
    return array


def nms(boxes, scores, threshold):
    act('nms')
    return Tensor([0, 2])


cuda = Cuda()
backends = types.SimpleNamespace(cudnn=Cudnn())
ops = types.SimpleNamespace(torchvision=types.SimpleNamespace(nms=nms))
_C = types.SimpleNamespace(_cuda_getArchFlags=lambda: SCRIPT.get('arch_flags', 'sm_80 sm_90'))
act('import')
