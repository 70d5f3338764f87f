import {execFileSync} from 'node:child_process'
import {existsSync, readFileSync, statSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {describe, expect, test} from '@jest/globals'
import {parse} from 'yaml'
import {PAGES} from '../scripts/docs/pages.ts'
import {INPUTS} from '../src/facts/inputs.ts'
import {PROBLEM_CODES} from '../src/model/problem.ts'
import {VERDICT_CODES} from '../src/model/verdict.ts'
import {OUTPUTS} from '../src/report/outputs.ts'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..')
const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: ROOT,
  encoding: 'utf8'
})
  .split('\n')
  .filter(name => name !== '' && existsSync(join(ROOT, name)))
const pages = tracked.filter(name => name.endsWith('.md'))
const workflows = tracked.filter(name => /^(\.github\/workflows|examples)\/[^/]+\.yml$/.test(name))

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8')
}

/** Anchors as GitHub makes them from headings. */
function anchorsOf(page: string): readonly string[] {
  const headings = withoutBlocks(page).match(/^#{1,6} .+$/gm) ?? []
  return headings.map(heading =>
    heading
      .replace(/^#+ /, '')
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-')
  )
}

function withoutBlocks(page: string): string {
  return page.replace(/^( *)(`{3,}).*?^\1\2$/gms, '').replace(/`[^`\n]+`/g, code => code.replaceAll(/[[\]()]/g, ''))
}

function linksOf(page: string): readonly string[] {
  return [...withoutBlocks(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target)
}

/** Why a relative link leads nowhere, or undefined. */
function faultOf(page: string, target: string): string | undefined {
  const [path = '', anchor] = target.split('#')
  const file = path === '' ? page : join(dirname(page), path)
  if (!existsSync(join(ROOT, file))) return `${target}: no such file`
  if (anchor === undefined || statSync(join(ROOT, file)).isDirectory()) return undefined
  return anchorsOf(read(file)).includes(anchor) ? undefined : `${target}: no such heading`
}

describe('printed pages', () => {
  test.each(PAGES)('$path is what `npm run docs` prints', ({path, print}) => {
    expect(print(read(path))).toBe(read(path))
  })

  test('action.yml is YAML, has every input and output, and names bundles that exist', () => {
    const manifest = parse(read('action.yml'))
    expect(Object.keys(manifest.inputs)).toEqual(INPUTS.map(({name}) => name))
    expect(Object.keys(manifest.outputs)).toEqual(Object.keys(OUTPUTS))
    expect(INPUTS.map(({name}) => manifest.inputs[name].default)).toEqual(INPUTS.map(row => row.default))
    expect(manifest.runs).toEqual({using: 'node24', main: 'dist/main/index.js', post: 'dist/post/index.js'})
    for (const entry of [manifest.runs.main, manifest.runs.post]) expect(tracked).toContain(entry)
  })
})

describe('troubleshooting', () => {
  const page = read('docs/troubleshooting.md')
  const sections = page.split(/^### /m).slice(1)

  test('every problem code has one section, and there is none for a code that does not exist', () => {
    const codes = sections.map(section => section.slice(0, section.indexOf('\n')))
    expect(codes.toSorted()).toEqual([...PROBLEM_CODES].toSorted())
  })

  test('every section says what to do', () => {
    expect(sections.filter(section => !section.includes('**Fix.**'))).toEqual([])
  })
})

test('policy.md speaks of every code that a verdict can have', () => {
  const page = read('docs/policy.md')
  const silent = VERDICT_CODES.filter(code => code !== 'allowed' && !page.includes(`\`${code}\``))
  expect(silent).toEqual([])
})

describe('links', () => {
  test.each(pages)('%s leads nowhere that does not exist', page => {
    const relative = linksOf(read(page)).filter(target => !/^[a-z]+:/i.test(target))
    expect(relative.flatMap(target => faultOf(page, target) ?? [])).toEqual([])
  })

  test('every page of docs/ can be reached from the README', () => {
    const reached = new Set(['README.md'])
    for (const page of reached) {
      for (const target of linksOf(read(page))) {
        const file = join(dirname(page), target.split('#')[0] ?? '')
        if (pages.includes(file)) reached.add(file)
      }
    }
    expect(pages.filter(page => page.startsWith('docs/') && !reached.has(page))).toEqual([])
  })
})

describe('README', () => {
  test.each(['demo', 'test'])('its command `npm run %s` exists', name => {
    const {scripts} = JSON.parse(read('package.json'))
    expect(scripts).toHaveProperty(name)
    expect(read('README.md').split('\n')).toContain(name === 'test' ? 'npm test' : `npm run ${name}`)
  })

  test('every npm script that a page names exists', () => {
    const {scripts} = JSON.parse(read('package.json'))
    const named = pages.flatMap(page => [...read(page).matchAll(/npm run ([a-z0-9-]+)/g)].map(([, name = '']) => name))
    expect([...new Set(named)].filter(name => !(name in scripts))).toEqual([])
  })

  test('every input that an example or a page sets exists', () => {
    const names = new Set(INPUTS.map(({name}) => name))
    const steps = workflows.flatMap(path => stepsOf(parse(read(path))))
    const ours = steps.filter(step => /^(\.\/$|[^/]+\/pytorch-cuda-image-action@)/.test(step.uses ?? ''))
    expect(ours.length).toBeGreaterThan(0)
    expect(ours.flatMap(step => Object.keys(step.with ?? {})).filter(name => !names.has(name))).toEqual([])
  })
})

describe('workflows', () => {
  test.each(workflows)('%s grants nothing at the top', path => {
    expect(parse(read(path)).permissions).toEqual({})
  })

  test.each(workflows)('%s pins every action by a commit and says its version', path => {
    const uses = read(path).match(/^\s*(?:- )?uses: .*$/gm) ?? []
    const loose = uses
      .map(line => line.trim())
      .filter(line => !/uses: (\.\/$|\S+@[0-9a-f]{40} # v\d+\.\d+\.\d+$)/.test(line))
      // A release cannot name its own commit; it is immutable, and `npm run docs` writes its version.
      .filter(
        line =>
          !/uses: acme\/pytorch-cuda-image-action(?:\/\.github\/workflows\/publish-image\.yml)?@v\d+\.\d+\.\d+$/.test(
            line
          )
      )
    expect(loose).toEqual([])
  })

  test.each(workflows)('%s leaves no token in the workspace', path => {
    const checkouts = stepsOf(parse(read(path))).filter(({uses}) => uses?.startsWith('actions/checkout@'))
    expect(checkouts.filter(step => step.with?.['persist-credentials'] !== false)).toEqual([])
  })

  test.each(workflows)('%s puts no expression into a script', path => {
    const scripts = stepsOf(parse(read(path))).map(({run}) => run ?? '')
    expect(scripts.filter(script => script.includes('${{'))).toEqual([])
  })

  test.each(workflows)('%s is started by no event that mixes rights with foreign code', path => {
    expect(Object.keys(parse(read(path)).on)).not.toEqual(expect.arrayContaining(['pull_request_target']))
  })

  test('the same action has the same pin everywhere, documentation included', () => {
    const pins = [...workflows, ...pages].flatMap(path => [...read(path).matchAll(/uses: (actions\/[\w-]+)@(\S+)/g)])
    const byAction = new Map<string, Set<string>>()
    for (const [, action = '', pin = ''] of pins) byAction.set(action, (byAction.get(action) ?? new Set()).add(pin))
    expect([...byAction].filter(([, found]) => found.size > 1)).toEqual([])
  })
})

interface Step {
  readonly uses?: string
  readonly run?: string
  readonly with?: Readonly<Record<string, unknown>>
}

function stepsOf(workflow: {jobs: Record<string, {steps?: readonly Step[]}>}): readonly Step[] {
  return Object.values(workflow.jobs).flatMap(({steps}) => steps ?? [])
}
