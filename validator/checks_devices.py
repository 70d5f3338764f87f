"""T3: the GPUs that torch sees are those that the host has, and the first use of each works."""

import time

from catalog import Finding, Subject, check, failed, passed, skipped, warned

MIB = 1024 * 1024


@check('t3.available', budget_s=30)
def torch_sees_a_gpu(subject: Subject) -> Finding:
    """torch was built for CUDA, finds a driver and at least one GPU; if not, its own words say why."""
    torch = subject.torch
    measured = {'torch': str(torch.__version__), 'torch_cuda': torch.version.cuda, 'devices': torch.cuda.device_count()}
    if torch.version.cuda is None:
        return failed('NO_GPU', 'This torch is built for the CPU (torch.version.cuda is None).', measured=measured)
    try:
        torch.cuda.init()
    except Exception as error:
        return failed('NO_GPU', 'torch cannot use a GPU here.', evidence=(str(error),), measured=measured)
    if not torch.cuda.is_available() or measured['devices'] == 0:
        return failed('NO_GPU', 'torch.cuda.is_available() is false.', measured=measured)
    return passed('torch sees %d GPU(s).' % measured['devices'], measured=measured)


@check('t3.count', budget_s=10, needs=('t3.available',))
def every_gpu_is_there(subject: Subject) -> Finding:
    """torch sees as many devices as the host handed over; a MIG instance counts as one."""
    devices = subject.task.host.get('devices', [])
    measured = {'devices': subject.torch.cuda.device_count()}
    if not devices:
        return skipped('Nobody asked the host for its GPUs.', measured=measured)
    threshold = {'devices': len(devices)}
    if measured['devices'] == len(devices):
        return passed('torch sees every GPU of the host.', measured=measured, threshold=threshold)
    code = 'MIG_DEVNODES' if any(device.get('mig') for device in devices) else 'DEVICE_MISMATCH'
    return failed(code, 'The host has %d GPU(s), torch sees %d.' % (len(devices), measured['devices']), measured=measured, threshold=threshold)


@check('t3.same', budget_s=10, each_device=True, needs=('t3.available',))
def the_gpu_is_the_hosts(subject: Subject) -> Finding:
    """Name, capability and memory of a device are those that nvidia-smi told the host."""
    properties = subject.torch.cuda.get_device_properties(subject.index)
    measured = {
        'uuid': uuid_of(properties),
        'name': properties.name,
        'capability': '%d.%d' % (properties.major, properties.minor),
        'memory_mib': properties.total_memory // MIB,
    }
    told = host_device(subject, measured['uuid'])
    if told is None and subject.task.host.get('devices') and measured['uuid']:
        return failed('DEVICE_MISMATCH', 'The host knows no GPU with this UUID.', measured=measured)
    if told is None:
        return skipped('Nobody asked the host for its GPUs.', measured=measured)
    threshold = {name: told[name] for name in ('name', 'capability') if told.get(name)}
    # A MIG instance bears its parent's name, and a profile after it.
    is_named = not told.get('name') or measured['name'].startswith(told['name']) or told['name'] in measured['name']
    is_capable = not told.get('capability') or measured['capability'] == told['capability']
    if not is_named or not is_capable:
        return failed('DEVICE_MISMATCH', 'The device is another one than the host says.', measured=measured, threshold=threshold)
    total = told.get('memory_mib')
    if total and not told.get('mig') and not 0.9 * total <= measured['memory_mib'] <= 1.02 * total:
        return warned('DEVICE_MISMATCH', 'The device has other memory than the host says.', measured=measured, threshold={**threshold, 'memory_mib': total})
    return passed('The device is the one that the host names.', measured=measured, threshold=threshold)


def uuid_of(properties) -> str:
    """`GPU-…` or `MIG-…`, as nvidia-smi writes it; empty where this torch does not tell (before 2.4)."""
    uuid = getattr(properties, 'uuid', None)
    if uuid is None:
        return ''
    text = str(uuid)
    return text if text.startswith(('GPU-', 'MIG-')) else 'GPU-%s' % text


def host_device(subject: Subject, uuid: str):
    """What the host says of a device: by UUID; by position where torch does not tell the UUID or it is a MIG instance's."""
    devices = subject.task.host.get('devices', [])
    by_uuid = next((device for device in devices if uuid and device.get('uuid') == uuid), None)
    if by_uuid is not None:
        return by_uuid
    is_blind = not uuid or any(device.get('mig') for device in devices)
    return devices[subject.index] if is_blind and subject.index < len(devices) else None


@check('t3.first-use', budget_s=20, each_device=True, needs=('t3.available',))
def the_first_use_works(subject: Subject) -> Finding:
    """A context comes up, and a number goes there and back, within 20 seconds."""
    torch = subject.torch
    started = time.monotonic()
    value = (torch.arange(1024, dtype=torch.int64).to(subject.device) * 3).sum().item()
    torch.cuda.synchronize(subject.index)
    measured = {'seconds': round(time.monotonic() - started, 3), 'sum': value}
    if value != 3 * 1023 * 512:
        return failed('NUMERICS', 'The GPU adds up wrongly.', measured=measured, threshold={'sum': 3 * 1023 * 512})
    return passed('The first use took %.1f s.' % measured['seconds'], measured=measured, threshold={'seconds': 20})


@check('t3.held', budget_s=30, needs=('t3.available',))
def the_gpus_are_held(subject: Subject) -> Finding:
    """Holds memory on each GPU for a few seconds, so that the host can see with its own tools that a process of ours has it."""
    torch, task = subject.torch, subject.task
    held = [torch.ones(task.hold_mib * MIB, dtype=torch.uint8, device='%s:%d' % (subject.kind, index)) for index in range(torch.cuda.device_count())]
    torch.cuda.synchronize()
    subject.tell('holding')
    time.sleep(task.hold_s)
    subject.tell('released')
    return passed('Held %d MiB on %d GPU(s) for %g s.' % (task.hold_mib, len(held), task.hold_s), measured={'mib': task.hold_mib, 'devices': len(held)})
