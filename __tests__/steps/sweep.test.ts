import {describe, expect, test} from '@jest/globals'
import fc from 'fast-check'
import {parseOwner, printOwner, sweepBuilders, sweepDirectories} from '../../src/steps/sweep.ts'
import {makeFakeHost, OWNER} from '../support/fake-host.ts'

const OWN = '/temp/pytorch-cuda-image-7001-1-aa'
const OTHER = '/temp/pytorch-cuda-image-6001-1-bb'
const DEAD = 'abcdef.200.6000'
const LIVING = 'abcdef.300.7000'
const ELSEWHERE = '123456.200.6000'
const ALIVE = [OWNER.pid, 300]

describe('directories of runs that were cut off', () => {
  test.each([
    {given: 'a run whose job is gone', owner: DEAD, then: 'removed'},
    {given: 'a neighbour that lives', owner: LIVING, then: 'left'},
    {given: 'a run on another machine, or in another container', owner: ELSEWHERE, then: 'left'},
    {given: 'a run that had not said yet whose it is', owner: '', then: 'left'},
    {given: 'a file that is not ours to read', owner: '{"pid": 200}', then: 'left'}
  ])('given $given, then it is $then', async ({owner, then}) => {
    const files = {
      [`${OWN}/owner.json`]: printOwner(OWNER),
      [`${OTHER}/owner.json`]: owner,
      [`${OTHER}/git/token-0`]: 'a token',
      [`${OTHER}.report.json`]: '{}',
      [`${OTHER}.kustomize/kustomization.yaml`]: 'kind: Component',
      '/temp/pytorch-cuda-image-notes/mine.txt': 'a file of the user',
      '/temp/other/owner.json': DEAD
    }
    const host = makeFakeHost({files, alive: ALIVE})
    await sweepDirectories(OWN, host)
    const gone = Object.keys(files).filter(path => !host.stored.has(path))
    const theirs = Object.keys(files).filter(path => path.startsWith(OTHER))
    expect(gone).toEqual(then === 'removed' ? theirs : [])
  })

  test('its own directory stays, whoever seems to live', async () => {
    const host = makeFakeHost({files: {[`${OWN}/owner.json`]: DEAD}})
    await sweepDirectories(OWN, host)
    expect(host.stored.has(`${OWN}/owner.json`)).toBe(true)
  })
})

describe('builders of runs that were cut off', () => {
  const name = 'buildx_buildkit_pytorch-cuda-image-6001-1-bb0'
  const docker = {file: 'docker', environment: {DOCKER_CONFIG: OWN}}

  test.each([
    {given: 'a run whose job is gone', env: `PATH=/bin\nPYTORCH_CUDA_IMAGE_OWNER=${DEAD}\n`, isRemoved: true},
    {given: 'a neighbour that lives', env: `PYTORCH_CUDA_IMAGE_OWNER=${LIVING}\n`, isRemoved: false},
    {given: 'a run on another machine', env: `PYTORCH_CUDA_IMAGE_OWNER=${ELSEWHERE}\n`, isRemoved: false},
    {given: 'nobody that it names', env: 'PATH=/bin\n', isRemoved: false}
  ])('given one of $given, it is removed: $isRemoved', async ({env, isRemoved}) => {
    const programs = {'docker ps': `${name}\n`, 'docker inspect': env, 'docker rm': '', 'docker volume rm': ''}
    const host = makeFakeHost({programs, alive: ALIVE})
    await sweepBuilders(docker, host)
    const removals = host.deeds.filter(deed => / rm /.test(deed))
    expect(removals).toEqual(
      isRemoved ? [`ask docker rm --force ${name}`, `ask docker volume rm --force ${name}_state`] : []
    )
  })

  test('an engine that does not answer stops nothing', async () => {
    const host = makeFakeHost()
    await expect(sweepBuilders(docker, host)).resolves.toBeUndefined()
  })
})

test('an owner survives being printed, and no other word is one', () => {
  const hex = fc.stringMatching(/^[0-9a-f]{1,16}$/)
  const owner = fc.record({machine: hex, pid: fc.nat(), startTime: fc.nat().map(String)})
  fc.assert(fc.property(owner, given => expect(parseOwner(printOwner(given))).toEqual(given)))
  fc.assert(fc.property(fc.string(), word => expect(parseOwner(`${word} `)).toBeUndefined()))
})
