import {readFileSync} from 'node:fs'
import {describe, expect, test} from '@jest/globals'
import {stepOf} from '../../src/model/plan.ts'
import {makePlan} from '../../src/plan/plan.ts'
import {groupWheels} from '../../src/wheels/grouping.ts'
import {bringsInit, INIT} from '../../src/wheels/init.ts'
import {parseLock} from '../../src/wheels/lock.ts'
import {runtimeConfig} from '../../src/wheels/runtime-image.ts'
import {makeFacts} from '../support/facts.ts'

const DOCKERFILE = readFileSync('dockerfiles/pytorch-cuda.Dockerfile', 'utf8')
const LOCK = readFileSync(new URL('locks/torch-2.8.0-cp312.pylock.toml', import.meta.url), 'utf8')
const BARE = LOCK.replace(/\[\[packages\]\]\nname = "dumb-init"\n[^[]*\[[^\n]*\n+/, '')

/** The wheels of a lock as layers. */
function layersOf(lock: string) {
  const {packages} = parseLock(lock, 'The lock')
  const wheels = packages.flatMap(({name, source}) =>
    source.kind === 'wheels' ? source.wheels.slice(0, 1).map(file => ({project: name, file})) : []
  )
  return groupWheels(wheels).map(({wheels, ...group}) => ({...group, wheels: wheels.map(({file}) => file)}))
}

const INIT_FIRST = ['/opt/venv/bin/dumb-init', '--']
const START = ['/usr/local/bin/start']

describe('what a container of laid wheels starts with', () => {
  test.each<{flavor: 'runtime' | 'notebook'; lock: string; below: readonly string[] | null; then: object}>([
    {flavor: 'runtime', lock: 'with', below: null, then: {Entrypoint: INIT_FIRST, Cmd: ['python3']}},
    {flavor: 'runtime', lock: 'without', below: null, then: {Entrypoint: null, Cmd: ['python3']}},
    {flavor: 'runtime', lock: 'with', below: ['/entry.sh'], then: {Entrypoint: INIT_FIRST, Cmd: ['python3']}},
    {flavor: 'runtime', lock: 'without', below: ['/entry.sh'], then: {Entrypoint: null, Cmd: ['python3']}},
    // The stage of a flavour has put its own in place of the base's; it looks for the init when it starts.
    {flavor: 'notebook', lock: 'with', below: START, then: {Entrypoint: START, Cmd: ['below']}},
    {flavor: 'notebook', lock: 'without', below: START, then: {Entrypoint: START, Cmd: ['below']}}
  ])(
    'given the flavour $flavor, a lock $lock dumb-init and $below below, then it is $then',
    ({flavor, lock, below, then}) => {
      const {settings} = stepOf(makePlan(makeFacts({inputs: {flavor}})), 'runtime').work
      const hasInit = bringsInit(layersOf(lock === 'with' ? LOCK : BARE))
      const foundation = JSON.stringify({config: {Entrypoint: below, Cmd: ['below']}})
      expect(JSON.parse(runtimeConfig(foundation, [], {...settings, hasInit})).config).toMatchObject(then)
    }
  )
})

describe('the init among the wheels', () => {
  test('lies in the layer of what every image has, so the layers of PyTorch are those without it', () => {
    const [before, after] = [layersOf(BARE), layersOf(LOCK)]
    const changed = after.filter(layer => !before.some(one => JSON.stringify(one) === JSON.stringify(layer)))
    expect(after.map(({title}) => title)).toEqual(before.map(({title}) => title))
    expect(changed.map(({title}) => title)).toEqual(['what PyTorch needs'])
  })

  test('is the release that the built-in Dockerfile resolves by itself, at the place where its entrypoint looks', () => {
    expect(DOCKERFILE).toContain(`INIT = '${INIT.requirement}'`)
    expect(DOCKERFILE).toContain(`init=${INIT.entrypoint[0]}\n`)
    expect(INIT.requirement).toMatch(new RegExp(`^${INIT.project}==\\d`))
  })
})

describe('a lock of the repository’s own', () => {
  const noticesWith = (text: string, inputs: Parameters<typeof makeFacts>[0] = {}) => {
    const lock = {path: '/ws/pylock.toml', shown: 'pylock.toml', sha256: 'ab'.repeat(32), lock: parseLock(text, 'lock')}
    const facts = makeFacts({...inputs, inputs: {lock: 'pylock.toml', ...inputs.inputs}, source: {lock}})
    return makePlan(facts).notices.filter(notice => notice.includes(INIT.project))
  }

  test.each<{given: string; lock: string; said?: Parameters<typeof makeFacts>[0]; then: readonly unknown[]}>([
    {given: 'one with the init', lock: LOCK, then: []},
    {
      given: 'one without it',
      lock: BARE,
      then: [expect.stringMatching(/^pylock\.toml .*`npm run local -- lock`.*`dumb-init==1\.2\.5\.post1`/)]
    },
    {given: 'one without it, which is to be written anew', lock: BARE, said: {inputs: {mode: 'lock'}}, then: []}
  ])('given $given, then it is valid, and what is missing is told', ({lock, said, then}) => {
    expect(noticesWith(lock, said)).toEqual(then)
  })
})
