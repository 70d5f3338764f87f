"""The validator's control flow, with a stand-in for torch: tiers, kill timers, lost workers, lines and their MACs."""

import json
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from validating import A100, H100, MIG, VALIDATOR, is_ours, validate

sys.path.insert(0, VALIDATOR)

ONE = {'devices': [A100]}
TWO = {'devices': [A100, H100]}


class Tiers(unittest.TestCase):
    def test_an_image_that_fits_its_gpu_passes_the_quick_tiers(self):
        answer = validate(ONE, {'host': {'devices': [A100]}, 'expected': {'torch': '2.8.0', 'cuda': 'cu128'}})
        self.assertEqual(answer.tiers(), {'T1': 'pass', 'T2': 'pass', 'T3': 'pass', 'T4': 'pass'})
        self.assertEqual((answer.result, answer.status), ('pass', 0))
        self.assertEqual({line['status'] for line in answer.of('check') if line['tier'] in ('T3', 'T4')}, {'pass'})

    def test_each_check_says_its_tier_its_time_and_its_budget(self):
        for line in validate(ONE).of('check'):
            self.assertEqual(line['tier'].lower(), line['id'].split('.')[0])
            self.assertGreaterEqual(line['duration_ms'], 0)
            self.assertGreater(line['budget_ms'], 0)
            self.assertTrue({'message', 'evidence', 'measured', 'threshold'} <= set(line))

    def test_checks_of_each_device_run_on_each_device(self):
        checks = validate(TWO, {'host': {'devices': [A100, H100]}}).checks()
        self.assertTrue({'t3.same@0', 't3.same@1', 't4.runs@0', 't4.runs@1'} <= set(checks))

    def test_after_a_failed_tier_the_later_ones_are_skipped_and_name_it(self):
        answer = validate({'devices': []})
        self.assertEqual(answer.tiers(), {'T1': 'pass', 'T2': 'pass', 'T3': 'fail', 'T4': 'skip'})
        self.assertEqual(answer.of('tier')[-1]['blocked_by'], 'T3')
        self.assertEqual((answer.result, answer.status), ('fail', 1))

    def test_the_host_hears_when_the_gpu_is_held(self):
        events = [line['event'] for line in validate(ONE).lines]
        self.assertLess(events.index('holding'), events.index('released'))


class Enumeration(unittest.TestCase):
    def assert_fails(self, answer, id, code):
        self.assertEqual((answer.checks()[id]['status'], answer.checks()[id].get('code')), ('fail', code))
        self.assertEqual(answer.result, 'fail')

    def test_no_gpu(self):
        answer = validate({'devices': []})
        self.assert_fails(answer, 't3.available', 'NO_GPU')
        self.assertEqual(answer.checks()['t3.count']['blocked_by'], 't3.available')

    def test_a_cpu_wheel(self):
        answer = validate({'cuda': None, 'devices': []})
        self.assert_fails(answer, 't3.available', 'NO_GPU')
        self.assertIsNone(answer.checks()['t3.available']['measured']['torch_cuda'])

    def test_a_driver_that_is_too_old_leaves_torchs_own_words_as_evidence(self):
        words = 'The NVIDIA driver on your system is too old (found version 12020).'
        answer = validate({'devices': [A100], 'misbehave': {'init': 'raise: %s' % words}})
        self.assert_fails(answer, 't3.available', 'NO_GPU')
        self.assertEqual(answer.checks()['t3.available']['evidence'], [words])

    def test_another_cuda_than_the_label_says(self):
        self.assert_fails(validate(ONE, {'expected': {'cuda': 'cu126'}}), 't2.variant', 'WRONG_VARIANT')

    def test_fewer_gpus_than_the_host_has(self):
        self.assert_fails(validate(ONE, {'host': {'devices': [A100, H100]}}), 't3.count', 'DEVICE_MISMATCH')

    def test_a_mig_instance_that_torch_does_not_see(self):
        self.assert_fails(validate(ONE, {'host': {'devices': [MIG, MIG]}}), 't3.count', 'MIG_DEVNODES')

    def test_a_mig_instance_that_torch_sees(self):
        seen = {**MIG, 'name': 'NVIDIA A100-SXM4-80GB MIG 1g.10gb'}
        self.assertEqual(validate({'devices': [seen]}, {'host': {'devices': [MIG]}}).result, 'pass')

    def test_a_gpu_that_the_host_does_not_know(self):
        self.assert_fails(validate({'devices': [H100]}, {'host': {'devices': [A100]}}), 't3.same@0', 'DEVICE_MISMATCH')


class Kernels(unittest.TestCase):
    def test_what_is_not_a_number_is_no_pass_and_still_json(self):
        answer = validate({'devices': [A100], 'misbehave': {'sum': 'nan'}})
        check = answer.checks()['t3.first-use@0']
        self.assertEqual((check['status'], check['code'], check['measured']['sum']), ('fail', 'NUMERICS', 'nan'))
        self.assertNotIn('NaN', answer.text)

    def test_a_kernel_that_gives_no_number_fails(self):
        import checks_kernels
        from catalog import Subject, Task

        class Torch:
            def linspace(self, *_, **__):
                return self

            def __mul__(self, _):
                return self

            def __add__(self, _):
                return self

            def sum(self):
                return self

            def item(self):
                return float('nan')

            def device(self, name):
                return name

        self.assertEqual(checks_kernels.a_kernel_runs(Subject(Torch(), Task(), 0, kind='cpu')).status, 'fail')

    def test_no_kernel_for_the_gpu(self):
        answer = validate({'devices': [H100], 'arch_flags': 'sm_80 sm_86'})
        self.assertEqual(answer.checks()['t4.coverage@0']['code'], 'ARCH_MISSING')
        self.assertEqual(answer.checks()['t4.runs@0']['blocked_by'], 't4.coverage')

    def test_only_ptx_fits(self):
        answer = validate({'devices': [H100], 'arch_flags': 'sm_80 compute_86'})
        self.assertEqual((answer.checks()['t4.coverage@0']['status'], answer.result), ('warn', 'warn'))

    def test_which_gpu_a_kernel_reaches(self):
        from checks_kernels import match_of

        for flags, capability, match in (
            (['sm_86'], (8, 9), 'sass'),
            (['sm_86'], (8, 0), 'none'),
            (['sm_80'], (9, 0), 'none'),
            (['sm_120'], (12, 1), 'sass'),
            (['sm_100'], (12, 0), 'none'),
            (['sm_90a'], (9, 0), 'sass'),
            (['sm_80', 'compute_90'], (12, 0), 'ptx'),
            (['compute_120'], (9, 0), 'none'),
            ([], (9, 0), 'none'),
        ):
            self.assertEqual(match_of(flags, capability), match, (flags, capability))


class LostWorkers(unittest.TestCase):
    def run_with(self, misbehave, **more):
        return validate({'devices': [A100, H100], 'misbehave': misbehave, **more})

    def test_a_worker_that_dies_is_a_result_and_the_checks_after_it_still_run(self):
        answer = self.run_with({'sum@0': 'kill'})
        self.assertEqual(answer.checks()['t3.first-use@0']['code'], 'CRASHED')
        self.assertIn('SIGSEGV', answer.checks()['t3.first-use@0']['message'])
        self.assertEqual(answer.checks()['t3.first-use@1']['status'], 'pass')
        self.assertEqual(answer.checks()['t3.held']['status'], 'pass')
        self.assertEqual(answer.result, 'fail')

    def test_what_kills_every_worker_ends_the_tier(self):
        answer = self.run_with({'import': 'kill'})
        self.assertEqual(list(answer.checks()), ['t1.packages', 't1.single', 't1.init', 't2.start'])
        self.assertEqual(answer.checks()['t2.start']['code'], 'CRASHED')

    def test_an_exception_is_a_result_with_its_traceback(self):
        answer = self.run_with({'sum@1': 'raise: CUDA error: no kernel image is available for execution on the device'})
        check = answer.checks()['t3.first-use@1']
        self.assertEqual(check['code'], 'RAISED')
        self.assertIn('no kernel image is available', ' '.join(check['evidence']))
        self.assertEqual(answer.checks()['t3.first-use@0']['status'], 'pass')

    def test_torch_that_cannot_be_imported_is_a_result(self):
        answer = self.run_with({'import': 'raise: libnccl.so.2: undefined symbol: ncclGroupSimulateEnd'})
        self.assertEqual(answer.checks()['t2.start']['code'], 'RAISED')
        self.assertIn('undefined symbol', answer.checks()['t2.start']['message'])


class Timers(unittest.TestCase):
    """With budgets of tenths of seconds, through the runner itself: nothing in the shipped files can shorten a timer."""

    def run_tier(self, misbehave, import_s=20.0):
        import catalog
        import runner
        import worker  # noqa: F401  fills the catalog

        told = []
        os.environ['PYTHONPATH'] = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'stand_in')
        os.environ['STAND_IN_TORCH'] = json.dumps({'devices': [A100, H100], 'misbehave': misbehave})
        kept = runner.IMPORT_BUDGET_S
        runner.IMPORT_BUDGET_S = import_s
        short = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'short_budgets.py')
        try:
            tier = catalog.Tier('T3', 'enumeration', 60, 'quick')
            status = runner.TierRun(tier, catalog.Task(hold_s=0.05), told.append, [sys.executable, short]).run()
        finally:
            runner.IMPORT_BUDGET_S = kept
            del os.environ['PYTHONPATH'], os.environ['STAND_IN_TORCH']
        return status, {'%s@%s' % (line['id'], line.get('device', '')): line for line in told if line['event'] == 'check'}

    def test_a_check_that_hangs_is_a_result_with_the_last_output(self):
        status, checks = self.run_tier({'sum@0': 'hang'})
        self.assertEqual(status, 'fail')
        self.assertEqual(checks['t3.first-use@0']['code'], 'TIMEOUT')
        self.assertIn('about to hang in sum@0', checks['t3.first-use@0']['evidence'])
        self.assertEqual(checks['t3.first-use@1']['status'], 'pass')

    def test_an_import_that_hangs_is_a_result(self):
        status, checks = self.run_tier({'import': 'hang'}, import_s=0.5)
        self.assertEqual((status, checks['t3.start@']['code']), ('fail', 'TIMEOUT'))

    def test_a_tier_gives_up_after_three_workers(self):
        status, checks = self.run_tier({'sum': 'hang', 'ones': 'hang'})
        self.assertEqual(status, 'fail')
        self.assertEqual([line['code'] for line in checks.values() if line['status'] == 'fail'], ['TIMEOUT'] * 3)


class Trust(unittest.TestCase):
    def test_every_line_is_numbered_and_bears_a_mac(self):
        answer = validate(ONE)
        self.assertEqual([line['seq'] for line in answer.lines], list(range(len(answer.lines))))
        self.assertTrue(all(is_ours(line, answer.text) for line in answer.lines))

    def test_code_of_the_image_cannot_say_that_it_passed(self):
        answer = validate({'devices': [A100], 'arch_flags': 'sm_50', 'misbehave': {'import': 'forge'}})
        forged = [line for line in answer.lines if not is_ours(line, answer.text)]
        self.assertEqual(answer.result, 'fail')
        # As root nothing can be closed to it; the line is there, and its MAC gives it away.
        self.assertEqual([line for line in forged if line['result'] == 'pass'], forged)

    def test_the_nonce_is_not_in_what_a_worker_can_read(self):
        import catalog

        self.assertNotIn('nonce', {field for field in catalog.Task.__dataclass_fields__})

    def test_an_order_that_cannot_be_read_is_refused(self):
        for order in ({'level': 'everything'}, {'colour': 'red'}):
            answer = validate(ONE, order)
            self.assertEqual((answer.status, answer.of('refused')[0]['event']), (2, 'refused'))


if __name__ == '__main__':
    unittest.main()
