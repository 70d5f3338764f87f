import {describe, expect, test} from '@jest/globals'
import {type InputsRead, readInputs} from '../../../src/facts/read-inputs.ts'
import {problemsOf} from '../../../src/model/problem.ts'
import {makeFacts} from '../../support/facts.ts'
import {makeFakeHost} from '../../support/fake-host.ts'

const PAT = `ghp_${'7y'.repeat(18)}`

function read(inputs: Record<string, string>, origin: 'own-branch' | 'fork-pull-request' = 'own-branch'): InputsRead {
  const host = makeFakeHost({inputs: {token: `ghs_${'1'.repeat(36)}`, ...inputs}})
  return readInputs(host, makeFacts({origin}).event)
}

function codesOf({problems}: InputsRead): readonly string[] {
  return problems.flatMap(problem => problemsOf(problem)).map(({code}) => code)
}

describe('git-credentials', () => {
  test.each([
    {line: `github.com ${PAT}`, then: ['github.com', '', 'x-access-token']},
    {line: `github.com/acme ${PAT}`, then: ['github.com', 'acme', 'x-access-token']},
    {line: `GitHub.com/Acme/Kernels/ ${PAT}`, then: ['github.com', 'Acme/Kernels', 'x-access-token']},
    {line: `github.com/acme/kernels.git ${PAT}`, then: ['github.com', 'acme/kernels', 'x-access-token']},
    {line: `github.com/acme octo ${PAT}`, then: ['github.com', 'acme', 'octo']},
    {line: `git.acme.test:8443/a/b/c ${PAT}`, then: ['git.acme.test:8443', 'a/b/c', 'x-access-token']},
    {line: `gitlab.com/acme glpat-${'7y'.repeat(10)}`, then: ['gitlab.com', 'acme', 'oauth2']},
    {line: 'bitbucket.org/acme ATCTT3xFfGN0-7y7y7y7y', then: ['bitbucket.org', 'acme', 'x-token-auth']},
    {line: `  github.com/acme   ${PAT}   # reads kernels`, then: ['github.com', 'acme', 'x-access-token']},
    {line: `127.0.0.1:3000/acme ${PAT}`, then: ['127.0.0.1:3000', 'acme', 'x-access-token']}
  ])('$then: $line', ({line, then}) => {
    const {inputs, problems} = read({'git-credentials': line})
    expect(problems).toEqual([])
    expect(inputs.gitCredentials.map(({host, path, user}) => [host, path, user])).toEqual([then])
  })

  test('comments and empty lines are passed over, and several paths stand side by side', () => {
    const text = `# ours\n\ngithub.com/acme ${PAT}\ngithub.com/acme/kernels other-token-of-ours\n`
    expect(read({'git-credentials': text}).inputs.gitCredentials.map(({path}) => path)).toEqual([
      'acme',
      'acme/kernels'
    ])
  })

  test.each([
    {given: 'no token', line: 'github.com/acme'},
    {given: 'a user name where the token should be', line: 'github.com/acme x-access-token'},
    {given: 'a token where the user should be', line: `github.com/acme ${PAT} octo`},
    {given: 'a blank forgotten before the token', line: `github.com/acme${PAT}`},
    {given: 'a token in a URL', line: `https://github.com/${PAT} x`},
    {given: 'a scheme', line: `https://github.com/acme ${PAT}`},
    {given: 'no host', line: `acme/kernels ${PAT}`},
    {given: 'a token alone', line: PAT},
    {given: 'too many words', line: `github.com/acme octo ${PAT} more`},
    {given: 'a quoted token', line: `github.com/acme "${PAT}"`},
    {given: 'a masked token', line: 'github.com/acme ***'},
    {given: 'an expression', line: 'github.com/acme ${{secrets.X}}'},
    {given: 'a refresh token', line: `github.com/acme ghr_${'x'.repeat(36)}`},
    {given: 'a path that climbs', line: `github.com/acme/../other ${PAT}`},
    {given: 'a token of another service', line: `gitlab.com/acme ${PAT}`},
    {given: 'two for one path', line: `github.com/acme ${PAT}\ngithub.com/Acme/ another-token-here`}
  ])('$given is a fault, told without the token', ({line}) => {
    const {problems, inputs} = read({'git-credentials': line})
    expect(codesOf({problems, inputs})).toEqual(['input-invalid'])
    expect(problems[0]?.message).not.toContain(PAT)
  })

  test('where GitHub hands out no secrets, a line without a token is left out and told', () => {
    const {problems, inputs} = read(
      {'git-credentials': `github.com/acme \ngithub.com/other ${PAT}`},
      'fork-pull-request'
    )
    expect(problems).toEqual([])
    expect(inputs.gitCredentials.map(({path}) => path)).toEqual(['other'])
    expect(inputs.notices).toEqual([expect.stringContaining('github.com/acme')])
  })
})

describe('registry-credentials', () => {
  test.each([
    {text: `ghcr.io octo ${PAT}`, then: ['ghcr.io', '', 'octo']},
    {text: `ghcr.io/Acme octo ${PAT}`, then: ['ghcr.io', 'acme', 'octo']},
    {text: `index.docker.io acme dckr_pat_${'7y'.repeat(13)}`, then: ['docker.io', '', 'acme']},
    {text: `127.0.0.1:5000/acme/app octo ${PAT}`, then: ['127.0.0.1:5000', 'acme/app', 'octo']},
    {text: `ghcr.io ${PAT}`, then: ['ghcr.io', '', 'octo']}
  ])('$then: $text', ({text, then}) => {
    const {inputs, problems} = read({'registry-credentials': text})
    expect(problems).toEqual([])
    expect(inputs.registryCredentials.map(({host, path, user}) => [host, path, user])).toEqual([then])
  })

  test('one bare token serves every image, and nothing else on those hosts', () => {
    const {inputs, problems} = read({'registry-credentials': PAT, image: 'ghcr.io/acme/app\nharbor.acme.test/ml/app'})
    expect(problems).toEqual([])
    expect(inputs.registryCredentials).toEqual([
      {
        host: 'ghcr.io',
        path: 'acme/app',
        user: 'octo',
        token: {secret: 'registry-credentials', kind: 'github-classic'}
      },
      {
        host: 'harbor.acme.test',
        path: 'ml/app',
        user: 'octo',
        token: {secret: 'registry-credentials', kind: 'github-classic'}
      }
    ])
  })

  test.each<{given: string; text: string; image?: string}>([
    {given: 'a host alone', text: 'ghcr.io'},
    {given: 'a user without a token', text: 'ghcr.io octo'},
    {given: 'no host', text: `octo ${PAT}`},
    {given: 'two for one path', text: `ghcr.io octo ${PAT}\nghcr.io ada another-token`},
    {given: 'a token for another host', text: `docker.io acme ${PAT}`},
    {given: 'a bare token that one image’s host cannot know', text: PAT, image: 'ghcr.io/acme/app\nacme/app'},
    {given: 'a bare token with a quote around it', text: `"${PAT}"`}
  ])('$given is a fault', ({text, image = ''}) => {
    expect(codesOf(read({'registry-credentials': text, image}))).toEqual(['input-invalid'])
  })

  test('where GitHub hands out no secrets, logins without a token are left out', () => {
    const {problems, inputs} = read({'registry-credentials': 'ghcr.io octo '}, 'fork-pull-request')
    expect([problems, inputs.registryCredentials]).toEqual([[], []])
  })
})
