"""T1 and T2, which need no GPU, with a stand-in for torch and folders that play an image's packages."""

import os
import sys
import tempfile
import types
import unittest
from unittest import mock

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from validating import A100, VALIDATOR, validate

sys.path.insert(0, VALIDATOR)

GPUS = [{'name': 'A100', 'capability': '8.0'}, {'name': 'H100', 'capability': '9.0'}]
ASKED = {'torch': '2.8.0', 'cuda': 'cu128', 'gpus': GPUS, 'arch_list': ['sm_80', 'sm_90']}


def prove(torch=None, expected=ASKED, environment=None):
    return validate({'arch_flags': 'sm_80 sm_90', **(torch or {})}, {'level': 'proof', 'expected': expected}, environment=environment)


class Proof(unittest.TestCase):
    def assert_stops(self, answer, id, code):
        self.assertEqual((answer.checks()[id]['status'], answer.checks()[id].get('code')), ('fail', code))
        self.assertEqual((answer.result, answer.status), ('fail', 1))

    def test_what_was_asked_for_passes_without_any_gpu(self):
        answer = prove()
        self.assertEqual(answer.tiers(), {'T1': 'pass', 'T2': 'pass'})
        self.assertEqual((answer.result, answer.status), ('pass', 0))

    def test_a_proof_is_the_beginning_of_a_validation_and_holds_nothing_that_needs_a_gpu(self):
        self.assertEqual(list(prove({'devices': [A100]}).tiers()), ['T1', 'T2'])
        self.assertEqual(list(validate({'devices': [A100]}).tiers()), ['T1', 'T2', 'T3', 'T4'])

    def test_an_image_that_fails_without_a_gpu_is_not_tried_on_one(self):
        answer = validate({'devices': [A100], 'cuda': None}, {'expected': {'cuda': 'cu128'}})
        self.assert_stops(answer, 't2.variant', 'CPU_BUILD')
        self.assertEqual(answer.tiers(), {'T1': 'pass', 'T2': 'fail', 'T3': 'skip', 'T4': 'skip'})

    def test_a_build_for_the_cpu_under_the_name_of_a_cuda_one(self):
        answer = prove({'cuda': None})
        self.assert_stops(answer, 't2.variant', 'CPU_BUILD')
        self.assertEqual(answer.checks()['t2.kernels']['blocked_by'], 't2.variant')

    def test_a_build_for_the_cpu_that_was_asked_for(self):
        answer = prove({'cuda': None}, {'torch': '2.8.0', 'cuda': 'cpu'})
        self.assertEqual(answer.result, 'pass')
        self.assertEqual(answer.checks()['t2.libraries']['status'], 'skip')

    def test_another_cuda(self):
        self.assert_stops(prove({'cuda': '12.6'}), 't2.variant', 'WRONG_VARIANT')

    def test_another_release(self):
        self.assert_stops(prove({'version': '2.7.1+cu128'}), 't2.variant', 'WRONG_VARIANT')

    def test_no_kernels_for_a_named_gpu(self):
        answer = prove({'arch_flags': 'sm_70 sm_80'})
        self.assert_stops(answer, 't2.kernels', 'ARCH_MISSING')
        self.assertIn('H100 (9.0)', answer.checks()['t2.kernels']['message'])
        self.assertNotIn('A100', answer.checks()['t2.kernels']['message'])

    def test_ptx_alone_is_a_warning(self):
        answer = prove({'arch_flags': 'sm_80 compute_80'}, {'gpus': GPUS})
        self.assertEqual((answer.checks()['t2.kernels']['code'], answer.result), ('JIT', 'warn'))

    def test_a_label_that_names_more_than_there_is(self):
        answer = prove({}, {**ASKED, 'arch_list': ['sm_80', 'sm_90', 'sm_100']})
        self.assertEqual((answer.checks()['t2.label']['code'], answer.result), ('LABEL_ARCHES', 'warn'))

    def test_a_cudnn_that_torch_refuses(self):
        answer = prove({'misbehave': {'cudnn': 'raise: cuDNN version incompatibility'}})
        self.assert_stops(answer, 't2.cudnn', 'DOUBLE_LIBRARY')

    def test_torchvision_of_another_torch(self):
        answer = prove({'misbehave': {'nms': 'raise: operator torchvision::nms does not exist'}})
        self.assert_stops(answer, 't2.nms', 'VISION_OPERATORS')

    def test_a_torch_that_cannot_be_imported(self):
        answer = prove({'misbehave': {'import': 'raise: libcudart.so.12: cannot open shared object file'}})
        self.assert_stops(answer, 't2.start', 'RAISED')
        self.assertEqual(answer.tiers()['T1'], 'pass')

    def test_packages_are_told_with_what_markers_ask(self):
        measured = prove().checks()['t1.packages']['measured']
        self.assertEqual(measured['environment']['sys_platform'], 'linux')
        self.assertTrue(all({'version', 'requires'} == set(told) for told in measured['packages'].values()))


class Contents(unittest.TestCase):
    """The same checks over folders that are laid out like an image's."""

    def setUp(self):
        import checks_contents
        import checks_linkage

        self.contents, self.linkage = checks_contents, checks_linkage
        self.place = tempfile.TemporaryDirectory()
        self.addCleanup(self.place.cleanup)
        self.site = os.path.join(os.path.realpath(self.place.name), 'venv/lib/python3.12/site-packages')

    def lay(self, *paths):
        for path in paths:
            whole = os.path.join(os.path.realpath(self.place.name), path)
            os.makedirs(os.path.dirname(whole), exist_ok=True)
            with open(whole, 'w'):
                pass

    def single(self, environment=None):
        folders = (os.path.join(self.place.name, 'usr/lib/*-linux-gnu'),)
        with mock.patch.object(self.contents, 'SYSTEM_FOLDERS', folders), mock.patch.object(
            self.contents.sys, 'path', [self.site]
        ), mock.patch.dict(os.environ, environment or {}):
            return self.contents.cuda_libraries_are_there_once(None)

    def test_one_wheel_of_each(self):
        self.lay(*('venv/lib/python3.12/site-packages/nvidia/%s/lib/lib%s.so.9' % (name, name) for name in ('cudnn', 'nccl')))
        self.assertEqual((self.single().status, self.single().measured), ('pass', {'cudnn': 1, 'nccl': 1}))

    def test_a_second_cudnn_of_the_base_image(self):
        self.lay('venv/lib/python3.12/site-packages/nvidia/cudnn/lib/libcudnn.so.9', 'usr/lib/x86_64-linux-gnu/libcudnn.so.9')
        found = self.single()
        self.assertEqual((found.status, found.code, found.measured['cudnn']), ('fail', 'DOUBLE_LIBRARY', 2))

    def test_a_second_nccl_on_the_library_path(self):
        self.lay('venv/lib/python3.12/site-packages/nvidia/nccl/lib/libnccl.so.2', 'opt/nccl/libnccl.so.2')
        found = self.single({'LD_LIBRARY_PATH': os.path.join(self.place.name, 'opt/nccl')})
        self.assertEqual((found.code, found.measured['nccl']), ('DOUBLE_LIBRARY', 2))

    def test_wheels_of_two_cuda_majors(self):
        for name in ('nvidia_cudnn_cu12', 'nvidia_cudnn_cu13'):
            self.lay('venv/lib/python3.12/site-packages/%s-9.10.2.dist-info/METADATA' % name)
            whole = os.path.join(self.site, '%s-9.10.2.dist-info/METADATA' % name)
            with open(whole, 'w') as metadata:
                metadata.write('Metadata-Version: 2.1\nName: %s\nVersion: 9.10.2\n' % name)
        self.assertEqual(self.single().code, 'DOUBLE_LIBRARY')

    def init(self, *lines):
        prefix = os.path.join(self.place.name, 'venv')
        program = os.path.join(prefix, 'bin/dumb-init')
        if lines:
            self.lay('venv/bin/dumb-init')
            with open(program, 'w') as file:
                file.write('\n'.join(lines) + '\n')
            os.chmod(program, 0o755)
        with mock.patch.object(self.contents.sys, 'prefix', prefix):
            found = self.contents.first_process_starts_a_command(None)
        return (found.status, found.code)

    def test_an_init_that_starts_a_command(self):
        self.assertEqual(self.init('#!/bin/sh', 'shift', 'exec "$@"'), ('pass', None))

    def test_an_init_that_starts_none(self):
        self.assertEqual(self.init('#!/bin/sh', 'exit 1'), ('fail', 'INIT_BROKEN'))

    def test_an_init_for_another_machine(self):
        self.assertEqual(self.init('\x7fELF of another machine'), ('fail', 'INIT_BROKEN'))

    def test_no_init(self):
        self.assertEqual(self.init(), ('skip', None))

    def test_a_requirement_of_an_extra_is_none_of_the_image(self):
        self.assertTrue(self.contents.is_unconditional('numpy>=1.26; python_version < "3.13"'))
        self.assertFalse(self.contents.is_unconditional('optree>=0.13; extra == "optree"'))
        self.assertTrue(self.contents.is_unconditional('extra-models>=1'))

    def test_a_library_of_the_system_in_the_process_of_torch(self):
        import catalog

        torch = types.SimpleNamespace(version=types.SimpleNamespace(cuda='12.8'))
        loaded = [os.path.join(self.site, 'nvidia/cublas/lib/libcublas.so.12'), '/usr/local/cuda/lib64/libcudart.so.12']
        with mock.patch.object(self.linkage, 'cuda_libraries', lambda: loaded), mock.patch.object(
            self.linkage, 'package_roots', lambda: [self.site]
        ):
            found = self.linkage.cuda_comes_from_the_packages(catalog.Subject(torch, catalog.Task()))
        self.assertEqual((found.code, found.measured), ('FOREIGN_LIBRARY', {'loaded': 2, 'foreign': 1}))
        self.assertIn('libcudart.so.12', found.message)

    def test_libraries_of_cuda_are_told_from_the_drivers(self):
        names = {
            '/usr/lib/libcudart-d0da41ae.so.11.0': True,
            '/venv/nvidia/cudnn/lib/libcudnn_graph.so.9': True,
            '/usr/local/cuda/lib64/libcublasLt.so.12': True,
            '/usr/lib/x86_64-linux-gnu/libcuda.so.1': False,
            '/venv/torch/lib/libtorch_cuda.so': False,
            '/usr/lib/libncclient.so': False,
        }
        self.assertEqual({name: bool(self.linkage.CUDA_LIBRARY.search(name)) for name in names}, names)


if __name__ == '__main__':
    unittest.main()
