import {readFileSync} from 'node:fs'
import {describe, expect, test} from '@jest/globals'
import fc from 'fast-check'
import {ADVICE_RULES, type AdviceReading, adviseOn} from '../../src/image/advice.ts'

const READING: AdviceReading = {shown: 'Dockerfile', args: {}, contexts: []}

function advise(text: string, reading: Partial<AdviceReading> = {}) {
  return adviseOn(text, {...READING, ...reading})
}

/** `rule:line` of everything that is found, or of one rule. */
function found(text: string, rule?: string, reading: Partial<AdviceReading> = {}): readonly string[] {
  const advice = advise(text, reading)
  return advice.filter(each => rule === undefined || each.rule === rule).map(each => `${each.rule}:${each.line}`)
}

describe('the table of rules', () => {
  test.each(ADVICE_RULES)('$name is found in its example', ({name, examples}) => {
    expect(found(examples.found, name)).not.toEqual([])
  })

  test.each(ADVICE_RULES)('$name is not found where it was mended', ({name, examples}) => {
    expect(found(examples.mended, name)).toEqual([])
  })

  test('mending one thing does not bring another about', () => {
    for (const {examples} of ADVICE_RULES) {
      const before = advise(examples.found).map(({rule}) => rule)
      expect(advise(examples.mended).filter(({rule, level}) => level === 'warning' && !before.includes(rule))).toEqual(
        []
      )
    }
  })

  test('every rule has a name of its own, and warnings come before notices', () => {
    const names = ADVICE_RULES.map(({name}) => name)
    expect(new Set(names).size).toBe(names.length)
    const levels = ADVICE_RULES.map(({level}) => level)
    expect(levels.lastIndexOf('warning')).toBeLessThan(levels.indexOf('notice'))
  })

  test.each(ADVICE_RULES)('$name says in whole sentences what it costs and what to write', ({why, examples}) => {
    const [first] = advise(examples.found).filter(each => each.why === why)
    for (const text of [why, first?.what, first?.fix]) expect(text).toMatch(/^[\p{L}`].*[.)]$/u)
  })
})

describe('the Dockerfile of the tutorials', () => {
  const text = readFileSync(new URL('fixtures/articles.Dockerfile', import.meta.url), 'utf8')
  const lines = text.split('\n')

  test.each([
    {rule: 'secret-in-variable', at: ['ARG GIT_TOKEN', 'ENV WANDB_API_KEY']},
    {rule: 'token-in-address', at: ['git clone https://x-access']},
    {rule: 'key-in-layer', at: ['COPY deploy/id_ed25519']},
    {rule: 'host-key-unchecked', at: ["printf 'Host *"]},
    {rule: 'ssh-keyscan', at: ['ssh-keyscan github.com']},
    {rule: 'certificate-unchecked', at: ['http.sslVerify']},
    {rule: 'open-jupyter', at: ['jupyter lab']},
    {rule: 'open-ssh', at: ['chpasswd', 'PermitRootLogin']},
    {rule: 'host-keys-baked', at: ['apt-get install']},
    {rule: 'sudo-without-password', at: ['NOPASSWD']},
    {rule: 'root-at-end', at: ['USER root']},
    {rule: 'copy-without-link', at: ['COPY . .', 'COPY --from=busybox']},
    {rule: 'late-run', at: ['python3 setup.py install']},
    {rule: 'workdir-over-torch', at: ['WORKDIR']},
    {rule: 'run-binds-context', at: ['RUN --mount=type=bind']},
    {rule: 'install-after-code', at: ['RUN pip install -r /src']},
    {rule: 'base-with-cuda', at: ['FROM nvidia']},
    {rule: 'devel-last', at: ['FROM nvidia']},
    {rule: 'latest-base', at: ['busybox:latest']},
    {rule: 'unpinned-base', at: ['FROM python:3.11', 'FROM nvidia']},
    {rule: 'two-indexes', at: ['PIP_EXTRA_INDEX_URL', 'pip3 install torch']},
    {rule: 'package-cache-kept', at: ['pip3 install torch', 'jupyterlab -r']},
    {rule: 'pip-without-hash', at: ['RUN pip install -r /src', 'pip3 install torch', 'jupyterlab -r']},
    {rule: 'apt-without-cleaning', at: ['apt-get install']},
    {rule: 'layer-too-big', at: ['pip3 install torch']}
  ])('has $rule exactly there', ({rule, at}) => {
    const marked = found(text, rule).map(each => lines[Number(each.split(':')[1]) - 1] ?? '')
    // A variable of a long ENV is told with the line of its instruction.
    const wanted = at.map(part => (part === 'PIP_EXTRA_INDEX_URL' ? 'ENV WANDB_API_KEY' : part))
    expect(marked.length).toBe(wanted.length)
    for (const [index, part] of wanted.entries()) expect(marked[index]).toContain(part)
  })

  test('meets every rule but the one for images that compile nothing', () => {
    const met = new Set(advise(text).map(({rule}) => rule))
    expect(ADVICE_RULES.map(({name}) => name).filter(name => !met.has(name))).toEqual(['torch-by-hand'])
  })
})

describe('what a Dockerfile says is understood, not searched', () => {
  test.each([
    {given: 'a comment', text: 'FROM a:1@x\n# ssh-keyscan github.com\nRUN true\nUSER 1\n', then: []},
    {given: 'a word in a message', text: 'FROM a:1@x\nRUN echo "never ssh-keyscan github.com"\nUSER 1\n', then: []},
    {given: 'an exec form', text: 'FROM a:1@x\nRUN ["ssh-keyscan", "github.com"]\nUSER 1\n', then: ['ssh-keyscan:2']},
    {
      given: 'a here-document',
      text: 'FROM a:1@x\nRUN <<EOF\nset -eu\nssh-keyscan github.com\nEOF\nUSER 1\n',
      then: ['ssh-keyscan:4']
    },
    {
      given: 'a here-document for another language',
      text: 'FROM a:1@x\nRUN python3 <<EOF\nssh-keyscan\nEOF\nUSER 1\n',
      then: []
    },
    {
      given: 'a file written by COPY',
      text: 'FROM a:1@x\nCOPY <<EOF /etc/ssh/ssh_config\nHost *\n  StrictHostKeyChecking no\nEOF\nUSER 1\n',
      then: ['host-key-unchecked:4']
    },
    {
      given: 'another escape',
      text: '# escape=`\nFROM a:1@x\nRUN true && `\n  ssh-keyscan x\nUSER 1\n',
      then: ['ssh-keyscan:4']
    },
    {
      given: 'a comment between continued lines',
      text: 'FROM a:1@x\nRUN true && \\\n  # why\n  ssh-keyscan x\nUSER 1\n',
      then: ['ssh-keyscan:4']
    }
  ])('given $given', ({text, then}) => {
    expect(found(text)).toEqual(then)
  })
})

describe('only what is built counts', () => {
  const text = [
    'ARG PYTHON=3.12',
    'FROM python:${PYTHON}-slim AS lint',
    'RUN ssh-keyscan x',
    'FROM nvidia/cuda:12.8.0-devel-ubuntu22.04@sha256:1 AS kernels',
    'RUN apt-get update && apt-get install -y cmake',
    'RUN pip install torch==2.8.0',
    'FROM python:${PYTHON}-slim@sha256:2 AS image',
    'COPY --link --from=kernels /kernels/dist /dist',
    'USER 10001',
    ''
  ].join('\n')

  test('stages that are not reached are passed over, and what is only compiled in is no part of the image', () => {
    expect(found(text)).toEqual(['pip-without-hash:6'])
  })

  test('another target is another image', () => {
    expect(found(text, undefined, {target: 'lint'})).toEqual(['ssh-keyscan:3', 'root-at-end:2', 'unpinned-base:2'])
    expect(found(text, 'devel-last', {target: 'kernels'})).toEqual(['devel-last:4'])
  })

  test('a base that a build argument decides is known by it', () => {
    const open = 'ARG BASE\nFROM ${BASE}\nUSER 1\n'
    expect(found(open)).toEqual([])
    expect(found(open, 'latest-base', {args: {BASE: 'python'}})).toEqual(['latest-base:2'])
  })

  test('a named context is no image of a registry', () => {
    expect(found('FROM base\nUSER 1\n', undefined, {contexts: ['base']})).toEqual([])
  })
})

describe('where the layers of PyTorch lie', () => {
  test.each([
    {
      given: 'an image that has it',
      text: 'FROM pytorch/pytorch:2.8.0-cuda12.8-cudnn9-runtime@x\nCOPY a /a\n',
      then: [2]
    },
    {
      given: 'a stage that has it',
      text: 'FROM python:3.12@x AS deps\nRUN pip install torch\nFROM deps\nCOPY a /a\n',
      then: [4]
    },
    {
      given: 'an environment copied from a stage',
      text: 'FROM python:3.12@x AS deps\nRUN pip install torch\nFROM python:3.12@x\nCOPY --link --from=deps /opt/venv /opt/venv\nCOPY a /a\n',
      then: [5]
    },
    {
      given: 'a list of requirements',
      text: 'FROM python:3.12@x\nCOPY requirements.txt /\nRUN pip install -r /requirements.txt\nCOPY a /a\n',
      then: [4]
    },
    {given: 'uv', text: 'FROM python:3.12@x\nRUN uv sync --frozen --no-cache\nCOPY a /a\n', then: [3]},
    {given: 'conda', text: 'FROM a/conda:1@x\nRUN conda env create -f environment.yml\nCOPY a /a\n', then: [3]},
    {given: 'the runtime that is given as a context', text: 'FROM runtime\nCOPY a /a\n', then: [2]},
    {
      given: 'a wheel for the CPU',
      text: 'FROM python:3.12@x\nRUN pip install torch --index-url https://download.pytorch.org/whl/cpu\nCOPY a /a\n',
      then: []
    },
    {
      given: 'requirements that the Dockerfile itself writes',
      text: 'FROM python:3.12@x\nCOPY <<EOF /uv.txt\nuv==0.13.8\nEOF\nRUN pip install -r /uv.txt\nCOPY a /a\n',
      then: []
    },
    {given: 'other packages', text: 'FROM python:3.12@x\nRUN pip install torchmetrics six\nCOPY a /a\n', then: []}
  ])('given $given', ({text, then}) => {
    const lines = found(text, 'copy-without-link').map(each => Number(each.split(':')[1]))
    expect(lines).toEqual(then)
  })

  test('a COPY is told as it should be written', () => {
    const [advice] = advise('FROM python:3.12\nRUN pip install torch\nCOPY --chown=app:app src/ /app/\n').filter(
      ({rule}) => rule === 'copy-without-link'
    )
    expect(advice?.fix).toContain('`COPY --link --chown=app:app src/ /app/`')
    expect(advice?.fix).toContain('by number')
  })
})

describe('PyTorch by hand, where `FROM runtime` would do', () => {
  test.each([
    {
      given: 'a release on a plain Python',
      text: 'FROM python:3.11-slim-bookworm@sha256:1\nRUN apt-get update\nRUN pip install torch==2.8.0 einops\n',
      line: 3,
      fix: '`base-image: python:3.11-slim-bookworm@sha256:1` and `torch: 2.8.0`'
    },
    {
      given: 'an index of a CUDA',
      text: 'ARG PYTHON=3.12\nFROM python:${PYTHON}\nRUN uv pip install --system torch --index-url https://download.pytorch.org/whl/cu126\n',
      line: 3,
      fix: '`base-image: python:3.12` and `cuda: cu126`'
    },
    {
      given: 'a stage below the one that is built',
      text: 'FROM python:3.12-slim AS base\nRUN pip install torch torchvision\nFROM base\nCOPY --link . /app/\n',
      line: 2,
      fix: '`base-image: python:3.12-slim`, and name'
    }
  ])('given $given, then the line is told, and what to set instead', ({text, line, fix}) => {
    const advice = advise(text).filter(({rule}) => rule === 'torch-by-hand')
    expect(advice).toEqual([expect.objectContaining({line, fix: expect.stringContaining(fix)})])
  })

  test.each([
    {
      given: 'a build for CPU',
      text: 'FROM python:3.12\nRUN pip install torch --index-url https://download.pytorch.org/whl/cpu\n'
    },
    {
      given: 'a nightly',
      text: 'FROM python:3.12\nRUN pip install --pre torch --index-url https://download.pytorch.org/whl/nightly/cu128\n'
    },
    {given: 'a release before 2.0', text: 'FROM python:3.10\nRUN pip install torch==1.13.1\n'},
    {given: 'musl', text: 'FROM python:3.12-alpine\nRUN pip install torch==2.8.0\n'},
    {
      given: 'an image with a compiler',
      text: 'FROM nvidia/cuda:12.8.0-devel-ubuntu22.04\nRUN pip3 install torch==2.8.0\n'
    },
    {given: 'another folder', text: 'FROM python:3.12\nRUN pip install --target /opt/libs torch==2.8.0\n'},
    {given: 'no PyTorch', text: 'FROM python:3.12\nRUN pip install torchmetrics\n'},
    {
      given: 'a stage that is only copied from',
      text: 'FROM python:3.12 AS kernels\nRUN pip install torch==2.8.0\nFROM debian:13\nCOPY --from=kernels /dist /dist\n'
    },
    {given: 'a stage of that name', text: 'FROM python:3.12 AS runtime\nRUN pip install torch==2.8.0\n'}
  ])('given $given, then nothing is said', ({text}) => {
    expect(found(text, 'torch-by-hand')).toEqual([])
  })

  test('a context of that name is the user’s own', () => {
    expect(found('FROM python:3.12\nRUN pip install torch==2.8.0\n', 'torch-by-hand', {contexts: ['runtime']})).toEqual(
      []
    )
  })

  test('over a runtime that is laid, what reads its files is told, with what to write there', () => {
    const told = advise('FROM runtime\nWORKDIR /srv\nCOPY . .\n').map(({rule, line, fix}) => [rule, line, fix])
    expect(told).toEqual([
      ['copy-without-link', 3, expect.stringContaining('COPY --link')],
      ['workdir-over-torch', 2, expect.stringContaining('begins in `/app`')]
    ])
  })

  test('a Dockerfile that begins with the runtime is told of no base without a version', () => {
    expect(found('FROM runtime\nCOPY --link --chown=10001:10001 . /app/\n')).toEqual([])
  })
})

describe('silence', () => {
  const noisy = 'FROM python:latest\nRUN ssh-keyscan x\nUSER 1\n'

  test.each([
    {given: 'nothing', text: noisy, then: ['ssh-keyscan:2', 'latest-base:1']},
    {
      given: 'a comment above',
      text: noisy.replace('RUN', '# advice ignore=ssh-keyscan, a lab\nRUN'),
      then: ['latest-base:1']
    },
    {given: 'two rules', text: `# advice ignore=latest-base,ssh-keyscan\n${noisy}`, then: ['ssh-keyscan:3']},
    {given: 'the whole file', text: `${noisy}# advice global ignore=latest-base,ssh-keyscan\n`, then: []},
    {given: 'hadolint’s name', text: `# hadolint ignore=DL3007\n${noisy}`, then: ['ssh-keyscan:3']},
    {
      given: 'BuildKit’s check',
      text: '# check=skip=SecretsUsedInArgOrEnv;error=true\nFROM a:1@x\nARG GIT_TOKEN\nUSER 1\n',
      then: []
    },
    {
      given: 'a comment further up',
      text: noisy.replace('RUN', '# advice ignore=ssh-keyscan\n\nRUN'),
      then: ['ssh-keyscan:4', 'latest-base:1']
    },
    {
      given: 'another rule',
      text: noisy.replace('RUN', '# advice ignore=late-run\nRUN'),
      then: ['ssh-keyscan:3', 'latest-base:1']
    },
    {
      given: 'a rule that does not exist',
      text: noisy.replace('RUN', '# advice ignore=ssh-keyscam\nRUN'),
      then: ['ssh-keyscan:3', 'latest-base:1', 'unknown-rule:2']
    },
    {
      given: 'one that is like none, for the whole file',
      text: `${noisy}# advice global ignore=everything,latest-base\n`,
      then: ['ssh-keyscan:2', 'unknown-rule:4']
    },
    {
      given: 'a name of hadolint’s that is none of ours',
      text: `# hadolint ignore=DL3059\n${noisy}`,
      then: ['ssh-keyscan:3', 'latest-base:2']
    }
  ])('given $given', ({text, then}) => {
    expect(found(text)).toEqual(then)
  })
})

test('whatever stands in a Dockerfile, advice ends, and every line is one of the file', () => {
  const part = fc.constantFrom(
    'FROM a AS b\n',
    'FROM b\n',
    'FROM b AS a\n',
    'COPY --from=b /venv /\n',
    'COPY --from=a /venv /\n',
    'RUN pip install torch\n',
    'RUN <<E\nssh-keyscan\nE\n',
    'RUN --mount=type=bind a && \\\n',
    '# advice ignore=late-run\n',
    'ENV A=1 B\n',
    'USER\n',
    'COPY . .\n',
    'COPY\n',
    'WORKDIR\n',
    'RUN ["pip"]\n',
    'CMD jupyter --allow-root\n',
    'ARG X_TOKEN\n',
    'RUN `$("\n',
    'apt-get install "\n'
  )
  fc.assert(
    fc.property(fc.array(part, {maxLength: 15}), parts => {
      const text = `FROM x\n${parts.join('')}`
      try {
        for (const {line} of advise(text)) expect(line >= 1 && line <= text.split('\n').length).toBe(true)
      } catch (thrown) {
        expect(thrown).toMatchObject({code: 'dockerfile-invalid'})
      }
    }),
    {numRuns: 1000}
  )
})
