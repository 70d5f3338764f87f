import {describe, expect, test} from '@jest/globals'
import {ORIGINS} from '../../src/model/event.ts'
import {printPlan} from '../../src/report/plan-table.ts'
import {makeForkPlan, makeSamplePlan} from './samples.ts'

describe('printPlan', () => {
  test('given a push to main, then every step stands with its deed and its reason', () => {
    expect(printPlan(makeSamplePlan({pending: ['registry']}))).toMatchInlineSnapshot(`
"Plan: this run comes from a push to a branch of this repository.
Origin own-branch, trust full, mode auto.
PyTorch: torch 2.8.0+cu128, torchvision 0.23.0, torchaudio 2.8.0, Python 3.12.
It needs NVIDIA driver 525.60.13 or newer where it runs, because it is built with CUDA 12.8.
  step       what                                               why
  ────────── ────────────────────────────────────────────────── ──────────────────────────────────────────────────────
✔ git        fetch submodules and theirs with credentials for   The code is this repository’s own.
             github.com/acme/kernels
✔ lock       resolve pip torch==2.8.0 torchvision==0.23.0       The code is this repository’s own.
             torchaudio==2.8.0 with requirements.txt for Python
             3.12 on linux/amd64; fetch uv 0.13.8
✔ preflight  ask whether ghcr.io/acme/app will take a push      The code is this repository’s own.
✔ builder    create a builder (docker-container), it holds no   The code is this repository’s own.
             registry key
✔ runtime    lay the locked wheels as layers upon               The code is this repository’s own.
             python:3.12-slim, in ghcr.io/acme/app
✔ build      build the built-in Dockerfile, which may mount     The code is this repository’s own.
             pip; send it to ghcr.io/acme/app without a tag
✔ prove      pull and run it without a GPU, and look for torch  The code is this repository’s own.
             2.8.0, cu128, kernels for A100, B200
✘ validate   run the candidate of ghcr.io/acme/app on the GPU   This machine has no GPU that nvidia-smi knows.
             in a container without network, secrets or root    (no-gpu)
             (quick)
✔ promote    write 2 tags in ghcr.io/acme/app:                  The code is this repository’s own.
             sha-4b825dc642cb-cu128-torch2.8, main
✔ cache      export the layer cache (registry)                  The code is this repository’s own.
  credential                               what for
  ──────────────────────────────────────── ───────────────────────────────────────────────────────────────────────────
  token                                    installation token (GITHUB_TOKEN, or a GitHub App’s): pushes
                                           ghcr.io/acme/app
  git-credentials github.com/acme/kernels  fine-grained personal token: reads code of github.com/acme/kernels
  Not asked yet: whether the registry will take the push."
`)
  })

  test("given a fork's pull request, then refused steps stand there too, with the code", () => {
    expect(printPlan(makeForkPlan())).toMatchInlineSnapshot(`
"Plan: this run comes from a pull request from a fork.
Origin fork-pull-request, trust none, mode auto.
PyTorch: torch 2.8.0+cu128, torchvision 0.23.0, torchaudio 2.8.0, Python 3.12.
It needs NVIDIA driver 525.60.13 or newer where it runs, because it is built with CUDA 12.8.
  step       what                                               why
  ────────── ────────────────────────────────────────────────── ──────────────────────────────────────────────────────
✔ git        fetch submodules and theirs without a credential;  The code is this repository’s own.
             withheld: github.com/acme/kernels
✔ lock       resolve pip torch==2.8.0 torchvision==0.23.0       The code is this repository’s own.
             torchaudio==2.8.0 with requirements.txt for Python
             3.12 on linux/amd64; fetch uv 0.13.8
✘ preflight  ask whether ghcr.io/acme/app will take a push      The code was written outside this repository; a
                                                                maintainer publishes it by merging the pull request.
                                                                (fork)
✔ builder    create a builder (docker-container), it holds no   The code is this repository’s own.
             registry key
✔ runtime    lay the locked wheels as layers upon               The code is this repository’s own.
             python:3.12-slim, in ghcr.io/acme/app
✔ build      build the built-in Dockerfile; keep nothing of it  The code is this repository’s own.
✔ prove      pull and run it without a GPU, and look for torch  The code is this repository’s own.
             2.8.0, cu128, kernels for A100, B200
✘ validate   run the candidate of ghcr.io/acme/app on the GPU   This machine has no GPU that nvidia-smi knows.
             in a container without network, secrets or root    (no-gpu)
             (quick)
✘ promote    write 2 tags in ghcr.io/acme/app:                  The code was written outside this repository; a
             sha-4b825dc642cb-cu128-torch2.8, main              maintainer publishes it by merging the pull request.
                                                                (fork)
✘ cache      export the layer cache (registry)                  The code was written outside this repository; a
                                                                maintainer publishes it by merging the pull request.
                                                                (fork)
  credential                               what for
  ──────────────────────────────────────── ───────────────────────────────────────────────────────────────────────────
  token                                    installation token (GITHUB_TOKEN, or a GitHub App’s): pushes
                                           ghcr.io/acme/app
  git-credentials github.com/acme/kernels  fine-grained personal token: reads code of github.com/acme/kernels"
`)
  })

  test.each(ORIGINS)('given the origin %s, then no line is wider than 120 columns', origin => {
    for (const line of printPlan(makeSamplePlan({origin})).split('\n')) expect(line.length).toBeLessThanOrEqual(120)
  })

  test('given names without a blank, then they are broken to fit', () => {
    const because = 'x'.repeat(300)
    const plan = makeSamplePlan({refused: {build: {allowed: false, code: 'fork', because}}})
    for (const line of printPlan(plan).split('\n')) expect(line.length).toBeLessThanOrEqual(120)
    expect(printPlan(plan).match(/x/g)?.length).toBeGreaterThanOrEqual(300)
  })

  test.each([
    {given: 'a line break', text: 'one\ntwo', then: 'one two'},
    {given: 'an escape sequence', text: '\u001b[31mred', then: '\\u{1b}[31mred'},
    {given: 'a mark that reverses text', text: 'ok\u202eko', then: 'ok\\u{202e}ko'}
  ])('given $given in a reason, then it is shown and not obeyed', ({text, then}) => {
    const plan = makeSamplePlan({refused: {build: {allowed: false, code: 'fork', because: text}}})
    expect(printPlan(plan)).toContain(then)
  })
})
