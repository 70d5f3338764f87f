import {describe, expect, test} from '@jest/globals'
import type {Origin} from '../../src/model/event.ts'
import {nameImage} from '../../src/plan/tags.ts'
import {readVariant} from '../../src/plan/variant.ts'
import {type FactsSaid, makeDockerfile, makeFacts} from '../support/facts.ts'

const OWN = {dockerfile: makeDockerfile()}

function tagsOf(said: FactsSaid): readonly string[] {
  const facts = makeFacts(said)
  return nameImage(facts, readVariant(facts).variant).tags.map(tag => `${tag.tag} ${tag.class}`)
}

describe('the tags of an event', () => {
  test.each([
    {
      given: 'a push to the default branch',
      said: {origin: 'own-branch'},
      then: ['sha-4b825dc642cb-cu128-py312-torch2.8 immutable', 'main-cu128-py312-torch2.8 moving', 'main moving']
    },
    {
      given: 'a push to another branch',
      said: {origin: 'own-branch', event: {ref: 'refs/heads/speed', refName: 'speed'}},
      then: ['branch-speed-cu128-py312-torch2.8 moving', 'branch-speed moving']
    },
    {
      given: 'a version tag',
      said: {origin: 'own-tag'},
      then: [
        '1.2.3-cu128-py312-torch2.8 immutable',
        '1.2-cu128-py312-torch2.8 moving',
        '1-cu128-py312-torch2.8 moving',
        'latest-cu128-py312-torch2.8 moving',
        '1.2 moving',
        '1 moving',
        'latest moving'
      ]
    },
    {
      given: 'a prerelease',
      said: {origin: 'own-tag', event: {refName: 'v2.0.0-rc.1'}},
      then: ['2.0.0-rc.1-cu128-py312-torch2.8 immutable']
    },
    {
      given: 'a version below 1.0',
      said: {origin: 'own-tag', event: {refName: '0.4.1'}, source: OWN},
      then: ['0.4.1 immutable', '0.4 moving', 'latest moving']
    },
    {
      given: 'a tag that is no version',
      said: {origin: 'own-tag', event: {refName: 'demo-2026'}, source: OWN},
      then: ['demo-2026 immutable']
    },
    {
      given: 'a release',
      said: {origin: 'release', source: OWN},
      then: ['1.2.3 immutable', '1.2 moving', '1 moving', 'latest moving']
    },
    {given: 'an own pull request', said: {origin: 'own-pull-request', source: OWN}, then: ['pr-12 moving']},
    {given: 'a pull request from a fork', said: {origin: 'fork-pull-request', source: OWN}, then: ['pr-12 moving']},
    {
      given: 'a schedule',
      said: {origin: 'schedule', event: {startedAt: '2026-11-21T03:00:12Z'}, source: OWN},
      then: ['nightly-20261121 moving', 'nightly moving']
    },
    {given: 'a schedule of an unknown day', said: {origin: 'schedule', source: OWN}, then: ['nightly moving']},
    {
      given: 'a dispatch on the default branch, which may build a commit again',
      said: {origin: 'dispatch', source: OWN},
      then: ['main moving']
    },
    {given: 'the merge queue', said: {origin: 'merge-queue', source: OWN}, then: ['mq-4b825dc642cb immutable']}
  ] as const)('given $given, then they are as documented', ({said, then}) => {
    expect(tagsOf(said as FactsSaid)).toEqual(then)
  })

  test('given a branch whose name is no tag, then its slug is', () => {
    expect(tagsOf({event: {refName: 'feature/x'}, source: OWN})).toEqual(['branch-feature-x moving'])
  })

  test('given a branch of any length, then tags keep their variant and fit', () => {
    const tags = tagsOf({event: {refName: 'x'.repeat(300)}}).map(tag => tag.split(' ')[0] ?? '')
    expect(tags.every(tag => tag.length <= 128)).toBe(true)
    expect(tags[0]).toMatch(/-cu128-py312-torch2\.8$/)
  })

  test.each([['own-pull-request', 'fork-pull-request', 'dependabot', 'pull-request-target', 'merge-queue'] as const])(
    'never say latest for code that is not merged',
    (...origins: readonly Origin[]) => {
      for (const origin of origins) {
        const tags = tagsOf({origin, inputs: {tags: [{tag: 'latest'}, {tag: '1.2.3'}]}})
        expect(tags.join(' ')).not.toMatch(/latest|1\.2\.3/)
      }
    }
  )
})

describe('the variant', () => {
  test.each([
    {given: 'no request', inputs: {}, suffix: '-cu128-py312-torch2.8', isDefault: true},
    {given: 'another CUDA', inputs: {cuda: 'cu126'}, suffix: '-cu126-py312-torch2.8', isDefault: false},
    {given: 'the usual CUDA by name', inputs: {cuda: 'cu128'}, suffix: '-cu128-py312-torch2.8', isDefault: true},
    {given: 'no CUDA', inputs: {cuda: 'cpu'}, suffix: '-cpu-py312-torch2.8', isDefault: false},
    {
      given: 'a flavour',
      inputs: {flavor: 'notebook' as const},
      suffix: '-cu128-py312-torch2.8-notebook',
      isDefault: false
    },
    {given: 'another torch', inputs: {torch: '2.11'}, suffix: '-cu130-py312-torch2.11', isDefault: true},
    {given: 'the newest torch', inputs: {torch: 'latest'}, suffix: '-cu132-py312-torch2.15', isDefault: true},
    {
      given: 'an index of another CUDA',
      inputs: {indexUrl: 'https://download.pytorch.org/whl/cu129'},
      suffix: '-cu129-py312-torch2.8',
      isDefault: false
    },
    {
      given: 'a base with another Python',
      inputs: {baseImage: '127.0.0.1:5000/library/python:3.11-slim'},
      suffix: '-cu128-py311-torch2.8',
      isDefault: true
    },
    {given: 'another Python', inputs: {python: '3.11'}, suffix: '-cu128-py311-torch2.8', isDefault: true},
    {
      given: 'a Python to the patch',
      inputs: {python: '3.11.9'},
      suffix: '-cu128-py311-torch2.8',
      isDefault: true
    },
    {
      given: 'a GPU that PyPI’s variant has no code for',
      inputs: {torch: '2.13', given: ['torch'], gpuTargets: [{name: 'V100', capability: '7.0'}]},
      suffix: '-cu126-py312-torch2.13',
      isDefault: false
    },
    {
      given: 'a Python that the usual torch has no wheel for',
      inputs: {python: '3.14'},
      suffix: '-cu132-py314-torch2.15',
      isDefault: true
    },
    {
      given: 'a release without triton for the usual Python',
      inputs: {torch: '2.3', given: ['torch']},
      suffix: '-cu121-py311-torch2.3',
      isDefault: true
    },
    {
      given: 'a base that does not tell its Python',
      inputs: {baseImage: 'debian:13-slim'},
      suffix: '-cu128-torch2.8',
      isDefault: true
    }
  ])('given $given, then the built-in image is $suffix', ({inputs, suffix, isDefault}) => {
    const {variant, problems} = readVariant(makeFacts({inputs}))
    expect(problems).toEqual([])
    expect(variant).toEqual(expect.objectContaining({suffix, isDefault}))
  })

  test.each([
    {given: 'nothing said', inputs: {}, suffix: ''},
    {given: 'torch asked for', inputs: {torch: '2.7.1', given: ['torch']}, suffix: '-torch2.7'},
    {given: 'CUDA asked for', inputs: {cuda: 'cu126', given: ['cuda']}, suffix: '-cu126'},
    {
      given: 'a torch that nobody knows yet',
      inputs: {torch: '3.1', cuda: 'cu140', given: ['torch', 'cuda']},
      suffix: '-cu140-torch3.1'
    }
  ])('given $given and a Dockerfile of one’s own, then the suffix is "$suffix"', ({inputs, suffix}) => {
    expect(readVariant(makeFacts({inputs, source: OWN})).variant.suffix).toBe(suffix)
  })

  test.each([
    {
      given: 'a torch that does not exist',
      inputs: {torch: '2.8.7', given: ['torch']},
      code: 'no-such-set',
      fix: /torch: 2\.8\.0/
    },
    {
      given: 'torch 2.8 on CUDA 12.1',
      inputs: {torch: '2.8.0', cuda: 'cu121', given: ['torch', 'cuda']},
      code: 'no-such-set',
      fix: /cuda: cu126.*torch: 2\.5\.1/
    },
    {
      given: 'an index of another CUDA than asked for',
      inputs: {cuda: 'cu126', indexUrl: 'https://download.pytorch.org/whl/cu129'},
      code: 'input-conflict',
      fix: /cuda: cu129/
    }
  ])('given $given, then that is $code and names what exists', ({inputs, code, fix}) => {
    const {problems} = readVariant(makeFacts({inputs}))
    expect(problems).toEqual([expect.objectContaining({code, fix: expect.stringMatching(fix)})])
  })
})

describe('tags that the user asks for', () => {
  test('take the place of the event’s own, immutable ones first', () => {
    const inputs = {tags: [{tag: 'edge'}, {tag: 'v1.2.3-gpu'}, {tag: 'sha-4b825dc'}]}
    expect(tagsOf({inputs})).toEqual(['v1.2.3-gpu immutable', 'sha-4b825dc immutable', 'edge moving'])
  })

  test('keep the image of a full reference', () => {
    const image = {registry: 'quay.io', repository: 'acme/app'}
    const facts = makeFacts({inputs: {tags: [{tag: 'edge', image}, {tag: 'edge'}]}})
    const {tags} = nameImage(facts, readVariant(facts).variant)
    expect(tags).toEqual([
      {tag: 'edge', class: 'moving', image},
      {tag: 'edge', class: 'moving'}
    ])
  })

  const speed = {ref: 'refs/heads/speed', refName: 'speed'}

  test.each([
    {given: 'the default branch', event: {isRefProtected: false}, asked: ['latest'], then: ['latest'], left: []},
    {given: 'a protected branch', event: {...speed, isRefProtected: true}, asked: ['edge'], then: ['edge'], left: []},
    {
      given: 'any other branch',
      event: {...speed, isRefProtected: false},
      asked: ['latest', 'speed', 'speed-gpu', 'branch-speed-x', 'speedy', '1.2.3', '1.2'],
      then: ['1.2.3', 'speed', 'speed-gpu', 'branch-speed-x'],
      left: ['latest', 'speedy', '1.2']
    },
    {
      given: 'any other branch, asked for nothing of its own',
      event: {...speed, isRefProtected: false},
      asked: ['latest', 'edge'],
      then: ['branch-speed'],
      left: ['latest', 'edge']
    },
    {
      given: 'a branch that is called like a name people pull',
      event: {ref: 'refs/heads/latest', refName: 'latest', isRefProtected: false},
      asked: ['latest', 'branch-latest'],
      then: ['branch-latest'],
      left: ['latest']
    }
  ])('given $given, $asked become $then', ({event, asked, then, left}) => {
    const facts = makeFacts({event, source: OWN, inputs: {tags: asked.map(tag => ({tag}))}})
    const {tags, warnings} = nameImage(facts, readVariant(facts).variant)
    expect(tags.map(({tag}) => tag)).toEqual(then)
    for (const name of left) expect(warnings.join()).toContain(`\`${name}\``)
    expect(warnings).toHaveLength(left.length === 0 ? 0 : 1)
  })

  test('lose latest on a prerelease, and say so', () => {
    const facts = makeFacts({
      origin: 'own-tag',
      event: {refName: 'v2.0.0-rc.1'},
      inputs: {tags: [{tag: 'latest'}, {tag: 'next'}]}
    })
    const {tags, notices} = nameImage(facts, readVariant(facts).variant)
    expect(tags.map(({tag}) => tag)).toEqual(['next'])
    expect(notices).toEqual([expect.stringContaining('v2.0.0-rc.1')])
  })
})
