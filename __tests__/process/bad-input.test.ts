import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, describe, jest, test} from '@jest/globals'
import {makeFolder, removeFolders} from '../support/bare-job.ts'
import {BUILDABLE, expectRefused, type RefusedJob} from '../support/refused.ts'
import {clientOf, folderWithDocker, INFO} from '../support/scripted-docker.ts'

// All of this is refused before an engine is needed: these machines have none. Credentials stand in bad-credentials.test.ts.

jest.setTimeout(30_000)
afterAll(removeFolders)

describe('an event that cannot be read', () => {
  test.each<RefusedJob>([
    {given: 'no event file', payloadText: null, codes: ['event-unreadable']},
    {given: 'an empty event file', payloadText: '', codes: ['event-unreadable']},
    {given: 'broken JSON', payloadText: '{"ref": "refs/heads/main"', codes: ['event-unreadable']},
    {given: 'JSON that is no object', payloadText: '"push"', codes: ['event-unreadable']},
    {given: 'a list', payloadText: '[]', codes: ['event-unreadable']},
    {given: 'no name of an event', variables: {GITHUB_EVENT_NAME: undefined}, codes: ['event-unreadable']},
    {given: 'a repository without owner', variables: {GITHUB_REPOSITORY: 'app'}, codes: ['event-unreadable']},
    {given: 'a commit that is none', variables: {GITHUB_SHA: 'main'}, codes: ['event-unreadable']}
  ])('given $given, nothing is done', expectRefused)
})

describe('an unknown input', () => {
  test.each<RefusedJob>([
    {given: 'a typo', inputs: {imge: 'ghcr.io/acme/app'}, codes: ['input-unknown'], says: /`imge`[\s\S]*`image`/},
    {given: 'a typo further off', inputs: {buildargs: 'A=1'}, codes: ['input-unknown'], says: /`build-args`/},
    {given: "another action's word", inputs: {dockerfile: 'x'}, codes: ['input-unknown'], says: /`file`/},
    {given: "docker's login", inputs: {username: 'me'}, codes: ['input-unknown'], says: /`registry-credentials`/},
    {
      given: 'a word like none',
      inputs: {zzzzzzzzzz: '1'},
      codes: ['input-unknown'],
      says: /The inputs are: mode, push, opt-in/
    }
  ])('given $given, the nearest name is told', expectRefused)
})

describe('an image name', () => {
  test.each<RefusedJob>([
    {
      given: 'a tag',
      inputs: {image: 'ghcr.io/acme/app:1.0'},
      codes: ['input-invalid'],
      says: /names a tag[\s\S]*tags: 1\.0/
    },
    {
      given: 'a digest',
      inputs: {image: `ghcr.io/acme/app@sha256:${'a'.repeat(64)}`},
      codes: ['input-invalid'],
      says: /names a digest/
    },
    {
      given: 'both',
      inputs: {image: `ghcr.io/acme/app:1@sha256:${'a'.repeat(64)}`},
      codes: ['input-invalid'],
      says: /names a digest/
    },
    {
      given: 'neither registry nor owner',
      inputs: {image: 'app'},
      codes: ['input-invalid'],
      says: /ghcr\.io\/owner\/app/
    },
    {given: 'a scheme', inputs: {image: 'https://ghcr.io/acme/app'}, codes: ['input-invalid']},
    {given: 'letters that no name has', inputs: {image: 'ghcr.io/acme/äpp'}, codes: ['input-invalid']},
    {given: 'two faults in two lines', inputs: {image: 'a:b\nc:d'}, codes: ['input-invalid', 'input-invalid']}
  ])('with $given is refused', expectRefused)
})

describe('build secrets', () => {
  test.each<RefusedJob>([
    {
      given: 'a line without a name',
      inputs: {secrets: '${{ secrets.TOKEN }}'},
      codes: ['input-invalid'],
      says: /Entry 1 of `secrets`/
    },
    {
      given: 'a line that begins with =',
      inputs: {secrets: 'a=1234567890\n=${{ secrets.TOKEN }}'},
      codes: ['input-invalid'],
      says: /Entry 2/
    },
    {given: 'a name with a blank', inputs: {secrets: 'my token=${{ secrets.TOKEN }}'}, codes: ['input-invalid']},
    {
      given: 'an empty value',
      inputs: {secrets: 'api=${{ secrets.MISSING }}'},
      codes: ['input-invalid'],
      says: /`api` is empty/
    },
    {
      given: 'the same name twice',
      inputs: {secrets: 'a=12345678\na=87654321'},
      codes: ['input-invalid'],
      says: /two entries/
    },
    {
      given: "docker's own form",
      inputs: {secrets: 'id=api,src=token.txt'},
      codes: ['input-invalid'],
      says: /file:path/
    },
    {given: 'a quote that is never closed', inputs: {secrets: '"api=${{ secrets.TOKEN }}'}, codes: ['input-invalid']},
    {
      given: 'a variable that is not set',
      inputs: {secrets: 'api=env:NOWHERE'},
      codes: ['input-invalid'],
      says: /NOWHERE/
    },
    {
      given: 'a file that is not there',
      inputs: {secrets: 'api=file:no/such file'},
      codes: ['secret-missing'],
      says: /no\/such file/
    },
    {
      given: 'a key that is not there',
      inputs: {ssh: 'deploy=no/such/key'},
      codes: ['secret-missing'],
      says: /no\/such\/key/
    },
    {
      given: 'an agent that is not there',
      inputs: {ssh: 'default'},
      codes: ['secret-missing'],
      variables: {SSH_AUTH_SOCK: undefined}
    },
    {given: 'a key by value', inputs: {ssh: 'deploy=-----BEGIN OPENSSH PRIVATE KEY-----'}, codes: ['input-invalid']},
    {given: 'a bundle that is not there', inputs: {'ca-bundle': '/no/such.pem'}, codes: ['input-invalid']}
  ])('given $given, it is told and no value', row =>
    expectRefused({...row, files: BUILDABLE, secrets: {TOKEN: 'ghp_0123456789abcdefghijABCDEFGHIJ'}})
  )
})

describe('the source', () => {
  test.each<RefusedJob>([
    {
      given: 'a Dockerfile that is not there',
      inputs: {file: 'docker/Dockerfle'},
      files: {...BUILDABLE, 'docker/Dockerfile': 'FROM scratch\n'},
      codes: ['dockerfile-missing'],
      says: /docker\/Dockerfle/
    },
    {
      given: 'a Dockerfile that is a folder',
      inputs: {file: 'docker'},
      files: {'docker/x': ''},
      codes: ['dockerfile-missing']
    },
    {given: 'an empty Dockerfile', files: {Dockerfile: ''}, codes: ['dockerfile-invalid']},
    {
      given: 'a word that is no instruction',
      files: {Dockerfile: 'FROM scratch\nCOYP . /\n'},
      codes: ['dockerfile-invalid'],
      says: /line 2: COYP/
    },
    {
      given: 'a FROM without an image',
      files: {Dockerfile: '# here\n\nFROM\n'},
      codes: ['dockerfile-invalid'],
      says: /line 3/
    },
    {
      given: 'a step before FROM',
      files: {Dockerfile: 'RUN true\nFROM scratch\n'},
      codes: ['dockerfile-invalid'],
      says: /line 1/
    },
    {
      given: 'a heredoc without an end',
      files: {Dockerfile: 'FROM scratch\nRUN <<EOF\ntrue\n'},
      codes: ['dockerfile-invalid']
    },
    {
      given: 'a target that is no stage',
      inputs: {target: 'runtme'},
      files: BUILDABLE,
      codes: ['input-invalid'],
      says: /target: runtime/
    },
    {
      given: 'a context that is not there',
      inputs: {context: 'no such place'},
      files: BUILDABLE,
      codes: ['context-missing'],
      says: /no such place/
    }
  ])('given $given, it is told with its place', expectRefused)
})

describe('values', () => {
  test.each<RefusedJob>([
    {given: 'mode', inputs: {mode: 'pln'}, codes: ['input-invalid'], says: /plan/},
    {given: 'push', inputs: {push: 'sometimes'}, codes: ['input-invalid'], says: /always/},
    {given: 'opt-in', inputs: {'opt-in': 'pr-pusch'}, codes: ['input-invalid'], says: /opt-in: pr-push/},
    {given: 'opt-in', inputs: {'opt-in': 'fork-push'}, codes: ['input-invalid'], says: /nothing else can be asked for/},
    {given: 'load', inputs: {load: 'maybe'}, codes: ['input-invalid'], says: /true/},
    {given: 'driver', inputs: {driver: 'dockr'}, codes: ['input-invalid'], says: /docker/},
    {given: 'cache', inputs: {cache: 'regstry'}, codes: ['input-invalid'], says: /registry/},
    {given: 'compression', inputs: {compression: 'zip'}, codes: ['input-invalid'], says: /zstd/},
    {given: 'timeout', inputs: {timeout: 'soon'}, codes: ['input-invalid'], says: /90m/},
    {given: 'platforms', inputs: {platforms: 'linux amd64 please'}, codes: ['input-invalid']},
    {
      given: 'tags',
      inputs: {tags: 'type=semver,pattern={{version}}'},
      codes: ['input-invalid'],
      says: /metadata-action/
    },
    {given: 'build-args', inputs: {'build-args': 'NO VALUE HERE'}, codes: ['input-invalid']},
    {
      given: 'index-url',
      inputs: {'index-url': 'pypi.acme.dev/simple'},
      codes: ['input-invalid'],
      says: /no web address/
    },
    {given: 'submodules', inputs: {submodules: 'maybe'}, codes: ['input-invalid'], says: /recursive/}
  ])('$given with a wrong value is refused, with right ones', row => expectRefused({...row, files: BUILDABLE}))

  test.each<RefusedJob>([
    {given: '`builder` and `driver`', inputs: {builder: 'mine', driver: 'docker'}, codes: ['input-conflict']}
  ])('$given contradict each other', row => expectRefused({...row, files: BUILDABLE}))

  test('several faults are all told at once', () =>
    expectRefused({
      given: 'five',
      inputs: {imge: 'x', image: 'ghcr.io/acme/app:1', secrets: 'oops', cache: 'disk', timeout: 'soon'},
      files: BUILDABLE,
      codes: ['input-unknown', 'input-invalid', 'input-invalid', 'input-invalid', 'input-invalid'],
      says: /imge[\s\S]*Entry 1 of `secrets`[\s\S]*names a tag[\s\S]*cache: disk[\s\S]*timeout: soon/
    }))
})

describe('the machine', () => {
  test.each<RefusedJob>([
    {given: 'no docker at all', codes: ['engine-missing'], says: /no `docker` program/},
    {
      given: 'a workspace that is not there',
      variables: {GITHUB_WORKSPACE: '/no/such/workspace'},
      codes: ['workspace-missing']
    }
  ])('given $given, the run says so', row => expectRefused({...row, files: BUILDABLE}))

  test('given a system that is not Linux, the run says so', () => {
    const script = join(makeFolder(), 'other-system.mjs')
    writeFileSync(script, "Object.defineProperty(process, 'platform', {value: 'darwin'})\n")
    const options = `--import=${script.replaceAll(' ', '%20')}`
    return expectRefused({
      given: 'macOS',
      files: BUILDABLE,
      variables: {NODE_OPTIONS: `--import=file://${options.slice('--import='.length)}`, RUNNER_OS: 'macOS'},
      codes: ['runner-unsupported'],
      says: /darwin/
    })
  })

  test('given a docker client whose engine does not answer, the run says so', () =>
    expectRefused({
      given: 'a dead engine',
      files: BUILDABLE,
      variables: {
        PATH: folderWithDocker(['echo "Cannot connect to the Docker daemon at unix:///x.sock" >&2', 'exit 1'])
      },
      codes: ['engine-missing']
    }))

  test('given an engine of 2019, the run says what it needs', () => {
    const info = {
      ...INFO,
      ServerVersion: '19.03.15',
      Driver: 'overlay2',
      DriverStatus: [['Backing Filesystem', 'extfs']]
    }
    return expectRefused({
      given: '19.03',
      files: BUILDABLE,
      variables: {PATH: folderWithDocker(clientOf({info}))},
      codes: ['engine-too-old'],
      says: /19\.03\.15[\s\S]*23\.0/
    })
  })
})
