import {readdirSync, readFileSync} from 'node:fs'
import {describe, expect, test} from '@jest/globals'
import {parse} from 'yaml'

// What the linters do not ask of a workflow that somebody copies: that tags are written by one run at a time, and by whom.

interface Job {
  readonly permissions?: Readonly<Record<string, string>>
  readonly uses?: string
  readonly with?: Readonly<Record<string, string>>
}

const FOLDER = new URL('../examples/', import.meta.url)
const {version} = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {version: string}

const examples = readdirSync(FOLDER)
  .filter(name => name.endsWith('.yml'))
  .map(name => {
    const text = readFileSync(new URL(name, FOLDER), 'utf8')
    const workflow = parse(text)
    return {name, text, workflow, jobs: Object.values(workflow.jobs) as readonly Job[]}
  })

const publishing = examples.filter(({jobs}) => jobs.some(({permissions}) => permissions?.packages === 'write'))
const calling = examples.flatMap(({name, jobs}) =>
  jobs.flatMap(({with: inputs}) =>
    inputs?.['gpu-runners'] === undefined ? [] : [{name, runners: inputs['gpu-runners']}]
  )
)

describe('examples', () => {
  test.each(examples)('$name gives each job no more than it names', ({workflow, jobs}) => {
    expect(workflow.permissions).toEqual({})
    for (const {permissions} of jobs) expect(permissions).toBeDefined()
  })

  test.each(publishing)('$name lets one run at a time write', ({workflow}) => {
    expect(workflow.concurrency.group).toBeDefined()
  })

  test.each(examples)(
    '$name names the action by this version, or by a commit with this version beside it',
    ({text}) => {
      const named = [...text.matchAll(/pytorch-cuda-image-action\S*@\S+(?: # (\S+))?$/gm)]
      for (const [line, beside] of named) expect(line).toMatch(beside === undefined ? `@v${version}` : `# v${version}`)
    }
  )

  test.each(calling)('$name hands over a list of kinds of GPU, each with a name and labels', ({runners}) => {
    const kinds = JSON.parse(runners) as readonly {readonly name: string; readonly labels: unknown}[]
    expect(kinds).not.toEqual([])
    for (const {name, labels} of kinds)
      expect([name, typeof labels]).toEqual([expect.any(String), expect.stringMatching(/string|object/)])
  })

  test('there is one for each kind of runner', () => {
    const names = examples.map(({name}) => name)
    const kinds = ['one-machine', 'publish', 'hosted', 'arc-dind', 'arc-kubernetes', 'cluster-job']
    expect(names).toEqual(expect.arrayContaining(kinds.map(kind => `gpu-${kind}.yml`)))
  })
})
