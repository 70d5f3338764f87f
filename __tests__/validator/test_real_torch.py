"""The checks with a real torch and no GPU: numerics and compilation on the CPU, and T3, which must then say NO_GPU.

`npm run validator` installs torch below .world/ and runs these; elsewhere they are skipped.
"""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
VALIDATOR = os.path.join(HERE, '..', '..', 'validator')
sys.path.insert(0, VALIDATOR)

HAS_TORCH = importlib.util.find_spec('torch') is not None and 'stand_in' not in str(importlib.util.find_spec('torch').origin)


@unittest.skipUnless(HAS_TORCH, 'there is no torch for this Python; `npm run validator` installs one')
class OnTheCpu(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        import torch

        import catalog
        import checks  # noqa: F401

        cls.torch, cls.catalog = torch, catalog

    def subject(self):
        return self.catalog.Subject(self.torch, self.catalog.Task(), 0, kind='cpu')

    def found(self, id):
        import worker

        entry = next(check for check in self.catalog.CHECKS if check.id == id)
        return worker.run_check(entry, self.subject())

    def test_every_numeric_check_passes_where_nothing_is_wrong(self):
        for check in self.catalog.checks_of('T5'):
            finding = self.found(check.id)
            self.assertEqual(finding.status, 'pass', (check.id, finding))

    def test_an_error_beyond_the_format_is_found(self):
        import checks_numerics as numerics

        torch = self.torch
        reference = torch.randn(256, 256, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
        for kind in numerics.FORMATS:
            rounded = reference.to(getattr(torch, kind.dtype))
            exact = rounded.double()
            # One element of 65 536 that is off by a tenth: a broken kernel, not rounding.
            broken = rounded.clone()
            broken[7, 9] += 0.1
            self.assertLessEqual(numerics.error_of(rounded, exact, kind)['rel'], kind.limit, kind.name)
            self.assertGreater(numerics.error_of(broken, exact, kind)['rel'], kind.limit, kind.name)

    def test_a_product_in_a_coarser_format_than_was_asked_is_found(self):
        import checks_numerics as numerics

        fp32 = next(kind for kind in numerics.FORMATS if kind.name == 'fp32')

        def coarse(draw):
            left, right = draw(256, 256), draw(256, 256)
            # As if TF32 were on although it was turned off: ten bits of mantissa on the way in.
            if left.dtype is self.torch.float32:
                left, right = (part.view(self.torch.int32).bitwise_and(-8192).view(self.torch.float32) for part in (left, right))
            return self.torch.matmul(left, right)

        finding = numerics.compare('matmul', fp32, self.subject(), coarse)
        self.assertEqual((finding.status, finding.code), ('fail', 'NUMERICS'))

    def test_not_a_number_is_no_pass(self):
        import checks_numerics as numerics

        fp32 = next(kind for kind in numerics.FORMATS if kind.name == 'fp32')
        finding = numerics.compare('nan', fp32, self.subject(), lambda draw: draw(4, 4) * (float('nan') if draw(1).dtype is self.torch.float32 else 1))
        self.assertEqual(finding.status, 'fail')

    @unittest.skipUnless(shutil.which('g++') or shutil.which('clang++'), 'there is no C++ compiler for torch.compile')
    def test_compiled_and_uncompiled_agree(self):
        for id in ('t6.pointwise', 't6.backward'):
            finding = self.found(id)
            self.assertEqual(finding.status, 'pass', (id, finding))

    def test_loader_workers_hand_over_their_batches(self):
        self.assertEqual(self.found('t8.loader').status, 'pass')

    def test_two_ranks_exchange_rightly(self):
        import checks_collectives

        found = checks_collectives.run_ranks(2, 'gloo', '8,4096,1048576')
        self.assertEqual(found.get('wrong'), 0, found)

    def test_without_a_gpu_t3_fails_and_says_so_in_torchs_own_words(self):
        ran = subprocess.run(
            [sys.executable, '-I', '-S', os.path.join(VALIDATOR, 'validate.py')],
            input=json.dumps({'nonce': 'n', 'level': 'full'}),
            capture_output=True,
            text=True,
            env={**os.environ, 'CUDA_VISIBLE_DEVICES': ''},
            timeout=240,
        )
        lines = [json.loads(line) for line in ran.stdout.splitlines()]
        check = next(line for line in lines if line.get('id') == 't3.available')
        self.assertEqual((ran.returncode, check['status'], check['code']), (1, 'fail', 'NO_GPU'))
        told = next(line for line in lines if line['event'] == 'torch')
        self.assertTrue(told['cuda'] is None or told['arch_flags'], told)
        tiers = {line['tier']: line['status'] for line in lines if line['event'] == 'tier'}
        self.assertEqual(tiers, {'T1': 'pass', 'T2': 'pass', 'T3': 'fail', 'T4': 'skip', 'T5': 'skip', 'T6': 'skip', 'T7': 'skip', 'T8': 'skip'})

@unittest.skipUnless(HAS_TORCH, 'there is no torch for this Python; `npm run validator` installs one')
class ProofWithoutAGpu(unittest.TestCase):
    """T1 and T2 over the wheels of PyPI: what they hold is read, not played."""

    def prove(self, expected):
        order = json.dumps({'nonce': 'a nonce', 'level': 'proof', 'expected': expected})
        command = [sys.executable, '-I', '-S', os.path.join(VALIDATOR, 'validate.py')]
        ran = subprocess.run(command, input=order, stdout=subprocess.PIPE, text=True, timeout=300)
        lines = [json.loads(line) for line in ran.stdout.splitlines()]
        return {line['id']: (line['status'], line.get('code')) for line in lines if line['event'] == 'check'}

    def test_what_they_are_passes(self):
        import torch

        cuda = 'cu' + ''.join(torch.version.cuda.split('.'))
        gpus = [{'name': 'H100', 'capability': '9.0'}, {'name': 'B200', 'capability': '10.0'}]
        found = self.prove({'torch': torch.__version__.split('+')[0], 'cuda': cuda, 'gpus': gpus})
        self.assertEqual({id: status for id, (status, _) in found.items() if status not in ('pass', 'skip')}, {})
        self.assertEqual({found[id] for id in ('t1.single', 't2.kernels', 't2.libraries', 't2.cudnn')}, {('pass', None)})

    def test_a_gpu_that_they_have_no_kernel_for(self):
        found = self.prove({'gpus': [{'name': 'GTX 1080', 'capability': '6.1'}]})
        self.assertEqual(found['t2.kernels'], ('fail', 'ARCH_MISSING'))

    def test_another_cuda(self):
        self.assertEqual(self.prove({'cuda': 'cu118'})['t2.variant'], ('fail', 'WRONG_VARIANT'))


if __name__ == '__main__':
    unittest.main()
