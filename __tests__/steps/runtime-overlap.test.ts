import {describe, expect, test} from '@jest/globals'
import type {Ran} from '../../src/host/host.ts'
import type {ProblemCode} from '../../src/model/problem.ts'
import {Problem} from '../../src/model/problem.ts'
import {makeMemoryRegistry} from '../support/memory-registry.ts'
import {play, type Story} from './runtime-stage.ts'

// What is done at the same time, what waits for what, and what happens to the rest when one of them fails.

const ONE: Story = {platforms: ['linux/amd64']}
const INTERRUPTED: Ran = {exitCode: 130, stdout: '', stderr: 'ERROR: context canceled'}

/** Lines of what happens, in order. */
function makeDiary() {
  const lines: string[] = []
  const gates = new Map<string, PromiseWithResolvers<void>>()
  const gateOf = (line: string) => {
    const gate = gates.get(line) ?? Promise.withResolvers<void>()
    gates.set(line, gate)
    return gate
  }
  return {
    lines,
    write: (line: string) => {
      lines.push(line)
      gateOf(line).resolve()
    },
    until: (line: string) => gateOf(line).promise
  }
}

function untilStopped(stopped: AbortSignal | undefined): Promise<void> {
  return new Promise(resolve => stopped?.addEventListener('abort', () => resolve(), {once: true}))
}

describe('what is done at the same time', () => {
  test('the foundation is built while wheels are laid, and sources are compiled before their layers are done', async () => {
    const {lines, write, until} = makeDiary()
    const {builds, runtime} = await play({
      ...ONE,
      building: async (what, _, go) => {
        if (what === 'foundation') await until('laying begins')
        write(`${what} begins`)
        const ran = await go()
        write(`${what} ends`)
        return ran
      },
      laying: async (_, go) => {
        write('laying begins')
        await until('foundation begins')
        const made = await go()
        await until('bytecode ends')
        write('laying ends')
        return made
      }
    })
    expect(lines).toEqual([
      'laying begins',
      'foundation begins',
      'foundation ends',
      'bytecode begins',
      'bytecode ends',
      'laying ends'
    ])
    expect(builds.length).toBe(2)
    expect(runtime?.layers.map(({title, origin}) => `${title}, ${origin}`)).toEqual([
      'PyTorch family, made',
      'bytecode of PyTorch family, made',
      'requirements, made',
      'bytecode of requirements, made'
    ])
  })

  test('given a base image that does not say which Python it has, then wheels wait for the foundation', async () => {
    const {lines, write} = makeDiary()
    await play({
      ...ONE,
      isUntold: true,
      building: async (what, _, go) => {
        const ran = await go()
        write(`${what} ends`)
        return ran
      },
      laying: async (_, go) => {
        write('laying begins')
        return go()
      }
    })
    expect(lines).toEqual(['foundation ends', 'laying begins', 'bytecode ends'])
  })

  test('the same lock again builds nothing, fetches nothing and compiles nothing', async () => {
    const {registry, runtime} = await play(ONE)
    const again = await play({...ONE, registry})
    expect(again.builds).toEqual([])
    expect(again.made).toEqual([])
    expect(again.runtime?.digest).toBe(runtime?.digest)
    expect(again.runtime?.layers.map(({origin}) => origin)).toEqual(['found', 'found', 'found', 'found'])
  })

  test('given a foundation with another Python than was said, then what that one takes is laid, and nothing of the other is named', async () => {
    const wheelsFor = (tag: string) => `torch-2.11.0-${tag}-${tag}-manylinux_2_28_x86_64.whl`
    const {made, runtime, builds} = await play({
      ...ONE,
      pythonOnBase: '3.13.5\n',
      torch: [wheelsFor('cp312'), wheelsFor('cp313')]
    })
    // Both were fetched, idna once.
    expect(made.toSorted()).toEqual(['idna-3.9-py3-none-any.whl', wheelsFor('cp312'), wheelsFor('cp313')])
    expect(runtime?.images).toMatchObject([{python: '3.13.5'}])
    expect(runtime?.layers.map(({title, origin}) => `${title}, ${origin}`)).toEqual([
      'PyTorch family, made',
      'bytecode of PyTorch family, made',
      'requirements, found',
      'bytecode of requirements, found'
    ])
    expect(builds.filter(line => line.includes('/bytecode/')).length).toBe(2)
  })
})

describe('when one of them fails', () => {
  const broken = new Problem('wheel-mismatch', {what: 'Other bytes.', why: 'Changed.', fix: 'Look.'})

  test.each<{given: string; during: string}>([
    {given: 'while the foundation is built', during: 'foundation'},
    {given: 'while sources are compiled', during: 'bytecode'}
  ])(
    'given a wheel that is not the locked one, $given, then that build is stopped, waited for, and not what is told',
    async ({during}) => {
      const {lines, write, until} = makeDiary()
      const running = play({
        ...ONE,
        building: async (what, {stopped}, go) => {
          if (what !== during) return go()
          write(`${what} begins`)
          await untilStopped(stopped)
          write(`${what} ends`)
          return INTERRUPTED
        },
        laying: async (_, go) => {
          await go()
          await until(`${during} begins`)
          throw broken
        }
      })
      const code: ProblemCode = 'wheel-mismatch'
      await expect(running).rejects.toMatchObject({code})
      expect(lines).toEqual([`${during} begins`, `${during} ends`])
    }
  )

  test.each<{given: string; broken: string; code: ProblemCode}>([
    {given: 'a base image that cannot be built upon', broken: 'foundation', code: 'build-failed'},
    {given: 'sources that cannot be compiled', broken: 'bytecode', code: 'build-failed'}
  ])('given $given, then laying is stopped, waited for, and nothing of it is named', async ({broken: what, code}) => {
    const {lines, write, until} = makeDiary()
    const registry = makeMemoryRegistry()
    const running = play({
      ...ONE,
      registry,
      building: async (part, _, go) => {
        if (part !== what) return go()
        await until('laying begins')
        return {exitCode: 1, stdout: '', stderr: 'ERROR: failed to solve'}
      },
      laying: async ({stopped}, go) => {
        const made = await go()
        write('laying begins')
        await untilStopped(stopped)
        write('laying ends')
        return made
      }
    })
    await expect(running).rejects.toMatchObject({code})
    expect(lines).toEqual(['laying begins', 'laying ends'])
    expect(registry.named()).toEqual([])
  })
})
