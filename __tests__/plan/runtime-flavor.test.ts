import {readFileSync} from 'node:fs'
import {describe, expect, test} from '@jest/globals'
import {stepOf} from '../../src/model/plan.ts'
import type {RuntimeWork} from '../../src/model/work-runtime.ts'
import {makePlan} from '../../src/plan/plan.ts'
import {type FactsSaid, makeFacts} from '../support/facts.ts'

const TEXT = readFileSync('dockerfiles/pytorch-cuda.Dockerfile', 'utf8')

function runtimeOf(inputs: NonNullable<FactsSaid['inputs']>, said: FactsSaid = {}) {
  return stepOf(makePlan(makeFacts({...said, inputs})), 'runtime')
}

/** Where the foundation goes, which the flavour follows. */
function foundationOutput({images}: RuntimeWork): string {
  const argv = images[0]?.foundation.argv ?? []
  return argv[argv.indexOf('--output') + 1] ?? 'nowhere'
}

describe('what an image has besides wheels', () => {
  test.each<{given: string; inputs: NonNullable<FactsSaid['inputs']>; target: string | null; args: object}>([
    {given: 'nothing', inputs: {}, target: null, args: {}},
    {
      given: 'packages of apt',
      inputs: {aptPackages: ['libgl1', 'git']},
      target: 'flavor-runtime',
      args: {FLAVOR: 'runtime', APT_PACKAGES: 'libgl1 git'}
    },
    {
      given: 'a compiler',
      inputs: {flavor: 'compile'},
      target: 'flavor-compile',
      args: {FLAVOR: 'compile', APT_PACKAGES: ''}
    },
    {
      given: 'JupyterLab and a package',
      inputs: {flavor: 'notebook', aptPackages: ['git']},
      target: 'flavor-notebook',
      args: {FLAVOR: 'notebook', APT_PACKAGES: 'git'}
    },
    {
      given: 'an ssh server, from another index',
      inputs: {flavor: 'ssh', indexUrl: 'https://pypi.example/simple'},
      target: 'flavor-ssh',
      args: {FLAVOR: 'ssh', APT_PACKAGES: '', PYPI_URL: 'https://pypi.example/simple'}
    }
  ])('given $given, then its stage is built upon the foundation: $target', ({inputs, target, args}) => {
    const {verdict, work} = runtimeOf(inputs)
    expect(verdict.allowed).toBe(true)
    const [flavor] = work.images.map(image => image.flavor)
    const argv = flavor?.argv ?? []
    const wordAfter = (option: string) => argv[argv.indexOf(option) + 1]
    expect(flavor === null ? null : wordAfter('--target')).toBe(target)
    expect(flavor?.arguments ?? {}).toEqual(args)
    // A base image, a token or a key would be another one than the foundation has.
    expect(argv.filter((_, at) => argv[at - 1] === '--build-arg')).toEqual(
      Object.entries(args).map(([name, value]) => `${name}=${value}`)
    )
    if (target !== null) {
      expect(wordAfter('--build-context')).toBe('base=docker-image://{door}/ghcr.io/acme/app@{foundation}')
      // Packed more tightly: it is made once a week, and pulled by everyone.
      expect(wordAfter('--output')).toBe(foundationOutput(work).replace('-level=1', '-level=7'))
    }
  })

  test('given a fork, then it is built into the folder of the run, and from nothing that others left in the builder', () => {
    const {work} = runtimeOf({flavor: 'compile'}, {origin: 'fork-pull-request'})
    const argv = work.images[0]?.flavor?.argv ?? []
    expect(argv).toContain('--no-cache')
    expect(argv.join(' ')).toMatch(/--build-context base=oci-layout:\/\/\S+\/layout@\{foundation\} /)
    expect(argv.join(' ')).not.toContain('push=true')
    // Nobody pulls it.
    expect(argv.join(' ')).toContain('compression-level=1')
  })

  test('given flags of the user’s own, then the build of the flavour has them, and `--no-cache` asks apt anew', () => {
    const {images} = runtimeOf({aptPackages: ['git'], buildxArgs: ['--no-cache', '--ulimit=nofile=1024']}).work
    expect(images[0]?.flavor).toMatchObject({
      isAskedAnew: true,
      argv: expect.arrayContaining(['--no-cache', '--ulimit=nofile=1024'])
    })
    expect(runtimeOf({aptPackages: ['git']}).work.images[0]?.flavor).toMatchObject({isAskedAnew: false, keptDays: 7})
  })

  test.each<{given: string; inputs: NonNullable<FactsSaid['inputs']>; why: RegExp}>([
    {
      given: 'a flavour for another platform',
      inputs: {flavor: 'ssh', platforms: ['linux/arm64']},
      why: /runs commands on each platform/
    },
    {
      given: 'packages of apt for two platforms',
      inputs: {aptPackages: ['git'], platforms: ['linux/amd64', 'linux/arm64']},
      why: /runs commands on each platform/
    },
    {
      given: 'sources that are compiled',
      inputs: {torch: '2.11', extensions: {folders: ['third_party/kernels'], packages: []}},
      why: /`extensions` are compiled/
    }
  ])('given $given, then the Dockerfile installs all, and says why', ({inputs, why}) => {
    expect(runtimeOf(inputs).verdict).toMatchObject({allowed: false, because: expect.stringMatching(why)})
  })
})

describe('a container starts the same whether wheels were laid or installed', () => {
  const linesOf = (name: string) => {
    const [, after = ''] = new RegExp(`^FROM \\S+ AS ${name}$(.*?)(?=^FROM )`, 'ms').exec(`${TEXT}\nFROM end`) ?? []
    return after.replaceAll('\\\n', ' ')
  }

  test('user, folder and environment are those of the stages `base` and `image`', () => {
    const {settings} = runtimeOf({}).work
    const {environment, path, user, workingDirectory} = settings
    const said = Object.entries({...environment, PATH: `${path.before}:$PATH:${path.after}`})
    const [, variables = ''] = /^ENV (.*)$/m.exec(linesOf('base')) ?? []
    expect(variables.trim().split(/\s+/).toSorted()).toEqual(said.map(([name, value]) => `${name}=${value}`).toSorted())
    expect(linesOf('base').trim()).toMatch(new RegExp(`^WORKDIR ${workingDirectory}$(?![^]*^WORKDIR)`, 'm'))
    expect(linesOf('image')).toMatch(new RegExp(`^USER ${user}$`, 'm'))
  })

  test.each(['runtime', 'compile', 'notebook', 'ssh'] as const)(
    'what the flavour %s says else comes with its stage, and nothing replaces it',
    flavor => {
      const {settings} = runtimeOf({flavor, aptPackages: ['git']}).work
      expect(settings.start).toBeNull()
      // All that the image gets besides lies in stages below this one, of which the foundation is the lowest.
      const [, upon] = new RegExp(`^FROM (\\S+) AS flavor-${flavor}$`, 'm').exec(TEXT) ?? []
      expect(upon).toBe(flavor === 'runtime' ? 'base' : 'flavor-runtime')
      expect(linesOf('image')).not.toMatch(/^(?:ENTRYPOINT|CMD|EXPOSE|HEALTHCHECK|ENV|WORKDIR|VOLUME|STOPSIGNAL)/m)
    }
  )
})
