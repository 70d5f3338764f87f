import {readFileSync} from 'node:fs'
import dockerignore from '@balena/dockerignore'
import {describe, expect, test} from '@jest/globals'
import {DockerfileParser} from 'dockerfile-ast'
import {EXPOSURE_RULES} from '../../src/facts/exposure.ts'
import {PINNED} from '../../src/git/host-keys.ts'
import {adviseOn} from '../../src/image/advice.ts'
import {parseDockerfile, stagesReached} from '../../src/image/dockerfile.ts'

const NAME = 'dockerfiles/pytorch-cuda.Dockerfile'
const text = readFileSync(NAME, 'utf8')
const dockerfile = parseDockerfile(text, {args: {}, shown: NAME})

interface Line {
  readonly keyword: string
  readonly words: string
}

/** The instructions of each stage by its name, in order. */
function stages(): ReadonlyMap<string, readonly Line[]> {
  const found = new Map<string, Line[]>()
  let name = ''
  for (const instruction of DockerfileParser.parse(text).getInstructions()) {
    const keyword = instruction.getKeyword()
    const words = instruction.getTextContent().slice(keyword.length).trim()
    if (keyword === 'FROM') name = / AS (\S+)$/.exec(words)?.[1] ?? ''
    else found.set(name, [...(found.get(name) ?? []), {keyword, words}])
  }
  return found
}

const last = stages().get('image') ?? []

describe('the built-in Dockerfile', () => {
  test('needs nothing of the frontend that an engine 26.1 lacks', () => {
    expect(dockerfile.syntax).toBeUndefined()
    expect(text).not.toMatch(/type=secret[^\s]*\benv=|--parents|--exclude/)
  })

  test('builds with no argument given', () => {
    const variables = [...dockerfile.globals, ...dockerfile.stages.flatMap(stage => stage.variables)]
    // BuildKit fills in TARGETARCH.
    for (const {kind, name, value} of variables.filter(({name}) => name !== 'TARGETARCH'))
      expect({kind, name, hasValue: value !== undefined}).toEqual({kind, name, hasValue: true})
  })

  test('its last stage only puts layers in place, so that a changed line of code needs no other layer', () => {
    const touching = last.filter(({keyword}) => !['USER', 'CMD'].includes(keyword))
    expect(touching.length).toBeGreaterThan(2)
    for (const {keyword, words} of touching) expect(`${keyword} ${words}`).toMatch(/^COPY --link /)
  })

  test.each(['runtime', 'compile', 'notebook', 'ssh'])('the flavour %s is a stage below the wheels', flavor => {
    const reached = stagesReached(dockerfile, undefined, {args: {FLAVOR: flavor}}).map(({name}) => name)
    expect(reached).toContain(`flavor-${flavor}`)
    expect(reached.includes('jupyter')).toBe(flavor === 'notebook')
    expect(reached.at(-1)).toBe('image')
  })

  test('no flavour ends as root, takes a login from a build argument or lets anyone in without one', () => {
    for (const FLAVOR of ['runtime', 'compile', 'notebook', 'ssh']) {
      const advice = adviseOn(text, {shown: NAME, args: {FLAVOR}, contexts: []})
      expect(advice.filter(({level}) => level === 'warning')).toEqual([])
    }
    expect(last).toContainEqual({keyword: 'USER', words: '10001:10001'})
  })

  test('code comes last and belongs to the user by number', () => {
    expect(last.at(-1)).toEqual({keyword: 'COPY', words: '--link --chown=10001:10001 . /app/'})
    expect(last).toContainEqual({keyword: 'USER', words: '10001:10001'})
  })

  test('every group of wheels that is locked is a layer of the image', () => {
    const groups = [...stages()].flatMap(([name, lines]) => {
      const locked = /from=lock,source=\/lock\/(\S+?),/.exec(lines.map(({words}) => words).join(' '))?.[1]
      // What is compiled is locked as sources, and no wheels are laid of them.
      return locked === undefined || locked === 'extensions' ? [] : [{name, locked}]
    })
    const known = /^GROUPS = \{\n(.*?)^\}/ms.exec(text)?.[1] ?? ''
    const names = [...known.matchAll(/^ {4}'(\w+)'/gm)].map(match => match[1])
    expect(groups.map(({locked}) => locked).toSorted()).toEqual([...names, 'companions', 'requirements'].toSorted())
    const copied = last.flatMap(({words}) => /--from=(\S+)/.exec(words)?.[1] ?? [])
    expect(copied.toSorted()).toEqual([...groups.map(({name}) => name), 'extensions'].toSorted())
  })

  test('nothing but the last stage sees the whole context', () => {
    const others = [...stages()].filter(([name]) => name !== 'image').flatMap(([, lines]) => lines)
    for (const {keyword, words} of others) {
      if (keyword === 'COPY') expect(words).toMatch(/^(\["\$\{(?:FILE|FOLDER):-|(--\S+ )?<<|--from=)/)
      expect(words).not.toMatch(/--mount=type=bind,(?!from=)/)
    }
  })

  test('the certificates and the login of the index are mounted secrets, required nowhere, wherever something is fetched', () => {
    const mounts = dockerfile.stages.flatMap(stage => stage.mounts)
    expect(mounts.length).toBeGreaterThan(2)
    const certificates = mounts.filter(({id}) => id === 'ca-bundle')
    expect(certificates.length).toBeGreaterThan(2)
    expect(mounts.filter(({required}) => required)).toEqual([])
    expect(mounts.some(({id}) => id === 'index-login')).toBe(true)
    expect(text).not.toMatch(/^(ARG|ENV).*(TOKEN|PASSWORD|SECRET|CERT)/m)
  })

  test('trusts the servers whose keys the action knows, with those very keys', () => {
    const known = [...text.matchAll(/^(github\.com) (\S+) (AAAA\S+)$/gm)].map(([, host, type, key]) => ({
      host,
      type,
      key
    }))
    expect(known.length).toBeGreaterThan(1)
    expect(PINNED).toEqual(expect.arrayContaining(known))
  })

  test('what reads private code reaches the resolver, the layer of the requirements and the sources of packages, and no other stage', () => {
    const mounting = (id: string) =>
      dockerfile.stages.filter(({mounts}) => mounts.some(mount => mount.id === id)).map(({name}) => name)
    for (const id of ['git-credentials', 'known-hosts', 'default']) {
      expect(mounting(id)).toEqual(['lock', 'own', 'extension-packages'])
    }
    const ids = new Set(dockerfile.stages.flatMap(({mounts}) => mounts.map(({id}) => id)))
    expect(ids).toEqual(new Set(['ca-bundle', 'index-login', 'git-credentials', 'known-hosts', 'default']))
  })

  test.each([
    {given: 'folders', args: {EXTENSIONS: 'kernels'}, isCompiled: true},
    {given: 'packages', args: {EXTENSION_PACKAGES: 'flash-attn'}, isCompiled: true},
    {given: 'both', args: {EXTENSIONS: 'kernels', EXTENSION_PACKAGES: 'flash-attn'}, isCompiled: true},
    {given: 'nothing with CUDA sources', args: {}, isCompiled: false}
  ])('given $given, one stage compiles: $isCompiled', ({args, isCompiled}) => {
    const reached = stagesReached(dockerfile, undefined, {args}).map(({name}) => name)
    const stagesOfIt = ['extension-sources', 'extension-packages', 'cuda-devel', 'extensions-made-none']
    expect(stagesOfIt.filter(name => reached.includes(name))).toEqual(isCompiled ? stagesOfIt : [])
  })

  test('where packages are compiled no login of git is mounted, and where they are fetched nothing of theirs runs', () => {
    const mountsOf = (name: string) => dockerfile.stages.find(stage => stage.name === name)?.mounts.map(({id}) => id)
    expect(mountsOf('extensions-made-none')).not.toEqual(expect.arrayContaining(['git-credentials']))
    const commands = (stages().get('extension-packages') ?? []).filter(({keyword}) => keyword === 'RUN')
    expect(commands.map(({words}) => words.split(/\s+/).at(-1))).toEqual(['/uv/fetch'])
  })

  test('packages come from a named index, never from one more', () => {
    expect(text).not.toMatch(/extra-index/)
  })

  test('follows the advice that it stands for', () => {
    const advice = adviseOn(text, {shown: NAME, args: {}, contexts: []})
    expect(advice.filter(({level}) => level === 'warning')).toEqual([])
  })

  test('the installer is pinned by hash', () => {
    expect(text).toMatch(/^uv==\d+\.\d+\.\d+ \\\n( {2}--hash=sha256:[0-9a-f]{64}( \\)?\n)+EOF$/m)
    expect(text).toContain('--require-hashes')
  })
})

describe('its ignore file', () => {
  const matcher = dockerignore.default({ignorecase: false}).add(readFileSync(`${NAME}.dockerignore`, 'utf8'))
  const caught = EXPOSURE_RULES.map(rule => rule.examples.caught.path)

  test.each([
    ...caught.map(path => ({path})),
    {path: '.git/HEAD'},
    {path: 'kernels/.git'},
    {path: 'deploy/.ssh/id_ed25519'},
    {path: 'acme.2026-01-01.private-key.pem'},
    {path: '.env.production'},
    {path: 'src/__pycache__/app.cpython-312.pyc'},
    {path: '.venv/bin/python'}
  ])('leaves out $path', ({path}) => {
    expect(matcher.ignores(path)).toBe(true)
  })

  test.each([
    {path: 'requirements.txt'},
    {path: 'app.py'},
    {path: '.env.example'},
    {path: 'id_ed25519.pub'},
    {path: 'certs/ca.pem'},
    {path: '.gitmodules'},
    {path: 'src/keys.py'}
  ])('lets $path through', ({path}) => {
    expect(matcher.ignores(path)).toBe(false)
  })
})
