import {readdirSync, readFileSync} from 'node:fs'
import {dirname, join, normalize} from 'node:path'
import {fileURLToPath} from 'node:url'
import {describe, expect, test} from '@jest/globals'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..')

/** Packages and modules that only parse, compare and compute: no file, no process, no network. */
const PURE = [
  'semver',
  'csv-parse/sync',
  'dockerfile-ast',
  '@renovatebot/pep440',
  '@balena/dockerignore',
  'smol-toml',
  'node:path',
  'node:path/posix',
  'node:crypto'
] as const

interface Rule {
  /** Rooms (`image/`) and files (`host/host.ts`) below `src/`, besides the room itself. */
  readonly source: readonly string[]
  /** Packages and `node:` modules; a name that ends in `*` stands for all that begin with it. */
  readonly outside: readonly string[]
}

/**
 * The dependency rule: what each room, and each file outside of rooms, may import.
 *
 * A stage knows `model/` and the ports of the host. Knowledge is pure. `plan/` never meets the host. Only `host/`
 * touches the outside, and only `run.ts` knows more than one stage.
 */
const RULES: Readonly<Record<string, Rule>> = {
  'model/': {source: [], outside: []},
  'image/': {source: ['model/'], outside: PURE},
  'pytorch/': {source: ['model/'], outside: PURE},
  'gpu/': {source: ['model/'], outside: PURE},
  'git/': {source: ['model/'], outside: PURE},
  'wheels/': {source: ['model/'], outside: PURE},
  'identity/': {source: ['model/', 'image/'], outside: PURE},
  'plan/': {source: ['model/', 'image/', 'pytorch/', 'git/', 'gpu/', 'wheels/', 'identity/'], outside: PURE},
  'facts/': {
    source: ['model/', 'image/', 'pytorch/', 'git/', 'gpu/', 'wheels/', 'identity/', 'host/host.ts'],
    outside: PURE
  },
  'report/': {source: ['model/', 'image/', 'pytorch/', 'gpu/', 'identity/', 'host/host.ts'], outside: []},
  'steps/': {source: ['model/', 'git/', 'gpu/', 'wheels/', 'identity/', 'host/host.ts'], outside: []},
  'host/': {source: ['model/', 'image/', 'wheels/'], outside: [...PURE, 'node:*', '@actions/*']},
  'undo.ts': {source: ['model/', 'host/host.ts'], outside: []},
  'run.ts': {source: ['facts/', 'plan/', 'steps/', 'report/', 'model/', 'host/host.ts'], outside: []},
  'main.ts': {source: ['run.ts', 'report/', 'host/', 'model/'], outside: ['node:path', 'node:url']},
  'worker.ts': {source: ['host/'], outside: ['node:worker_threads']},
  'post.ts': {source: ['undo.ts', 'host/'], outside: ['node:path', 'node:url']}
}

interface Import {
  readonly from: string
  /** Path below the root for our own files, else the package's name. */
  readonly to: string
}

const files = readdirSync(join(ROOT, 'src'), {recursive: true, encoding: 'utf8'})
  .filter(name => name.endsWith('.ts'))
  .map(name => join('src', name))
const imports = files.flatMap(importsOf)

/** Static and dynamic imports and re-exports of a file; types count, because they are knowledge too. */
function importsOf(from: string): readonly Import[] {
  const text = readFileSync(join(ROOT, from), 'utf8')
  const found = [
    ...text.matchAll(/^(?:import|export)\b[^'"`]*?\bfrom '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm)
  ]
  return found.map(([, named, bare, dynamic]) => {
    const to = named ?? bare ?? dynamic ?? ''
    return {from, to: to.startsWith('.') ? normalize(join(dirname(from), to)) : to}
  })
}

function roomOf(file: string): string {
  const [, room = '', ...rest] = file.split('/')
  return rest.length === 0 ? room : `${room}/`
}

function isAllowed({from, to}: Import): boolean {
  const rule = RULES[roomOf(from)]
  if (rule === undefined) return false
  if (!to.startsWith('src/')) return rule.outside.some(name => matches(name, to))
  return roomOf(to) === roomOf(from) || rule.source.some(place => to === `src/${place}` || isBelow(to, place))
}

function matches(name: string, to: string): boolean {
  return name.endsWith('*') ? to.startsWith(name.slice(0, -1)) : to === name
}

function isBelow(file: string, room: string): boolean {
  return room.endsWith('/') && file.startsWith(`src/${room}`)
}

/** A way from a file back to itself, if there is one. */
function circleFrom(
  file: string,
  trail: readonly string[] = [],
  done = new Set<string>()
): readonly string[] | undefined {
  if (trail.includes(file)) return [...trail.slice(trail.indexOf(file)), file]
  if (done.has(file)) return undefined
  for (const {to} of imports.filter(({from, to}) => from === file && to.startsWith('src/'))) {
    const circle = circleFrom(to, [...trail, file], done)
    if (circle !== undefined) return circle
  }
  done.add(file)
  return undefined
}

describe('the dependency rule', () => {
  test('every file lies in a room that has a rule', () => {
    expect(files.filter(file => RULES[roomOf(file)] === undefined)).toEqual([])
  })

  test.each(Object.keys(RULES))('%s imports only what its rule allows', room => {
    const strangers = imports.filter(({from}) => roomOf(from) === room).filter(found => !isAllowed(found))
    expect(strangers.map(({from, to}) => `${from} imports ${to}`)).toEqual([])
  })

  test('no import leads in a circle', () => {
    const done = new Set<string>()
    expect(files.flatMap(file => circleFrom(file, [], done) ?? [])).toEqual([])
  })

  test.each([
    {given: 'a step that asks the policy', from: 'src/steps/build.ts', to: 'src/plan/policy.ts'},
    {given: 'a plan that touches the host', from: 'src/plan/plan.ts', to: 'src/host/host.ts'},
    {given: 'a step that takes the real host', from: 'src/steps/build.ts', to: 'src/host/runner.ts'},
    {given: 'a fact that reads a file by itself', from: 'src/facts/event.ts', to: 'node:fs'},
    {given: 'the ground that imports', from: 'src/model/plan.ts', to: 'node:path'},
    {given: 'a source that imports a script', from: 'src/steps/build.ts', to: 'scripts/world/engine.ts'},
    {given: 'an undo that knows a step', from: 'src/undo.ts', to: 'src/steps/builder.ts'}
  ])('given $given, then it is found out', found => {
    expect(isAllowed(found)).toBe(false)
  })
})
