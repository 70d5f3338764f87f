import {describe, expect, test} from '@jest/globals'
import {ORIGINS} from '../../src/model/event.ts'
import {gitCredentialsOf, pushAccess, withheldPlaces} from '../../src/plan/access.ts'
import {imagesOf} from '../../src/plan/images.ts'
import {permit} from '../../src/plan/permit.ts'
import {makeFacts} from '../support/facts.ts'

const TOKEN = {secret: 'token'}
const KERNELS = {host: 'github.com', path: 'acme/kernels', user: 'x-access-token', token: {secret: 'kernels'}}

describe('credentials for code', () => {
  test('are those of the lines, then the token for the workflow’s own server and no other', () => {
    expect(gitCredentialsOf(makeFacts({inputs: {gitCredentials: [KERNELS]}}))).toEqual([
      KERNELS,
      {host: 'github.com', path: '', user: 'x-access-token', token: TOKEN}
    ])
  })

  test('given a server with a port, then the token is for exactly that', () => {
    const credentials = gitCredentialsOf(makeFacts({event: {serverUrl: 'https://GHES.example.com:8443/'}}))
    expect(credentials.map(({host}) => host)).toEqual(['ghes.example.com:8443'])
  })

  test('given a line for the whole server, then the token stays at home', () => {
    const whole = {...KERNELS, path: ''}
    expect(gitCredentialsOf(makeFacts({inputs: {gitCredentials: [whole]}}))).toEqual([whole])
  })

  test('given no token, then there is none', () => {
    expect(gitCredentialsOf(makeFacts({inputs: {token: undefined}}))).toEqual([])
  })

  test.each(ORIGINS.filter(origin => !permit(makeFacts({origin}), 'private-code').allowed))(
    'given %s, then none is used, and what is withheld is named by place',
    origin => {
      const facts = makeFacts({origin, inputs: {gitCredentials: [KERNELS]}})
      expect(gitCredentialsOf(facts)).toEqual([])
      expect(withheldPlaces(facts)).toEqual(['github.com/acme/kernels'])
    }
  )
})

describe('the login of an image', () => {
  const login = (host: string, path: string, secret: string) => ({host, path, user: 'octo', token: {secret}})
  const registryCredentials = [
    login('ghcr.io', '', 'whole host'),
    login('ghcr.io', 'acme', 'owner'),
    login('ghcr.io', 'acme/app', 'image'),
    login('docker.io', 'acme', 'hub')
  ]

  test.each([
    {registry: 'ghcr.io', repository: 'acme/app', then: 'image'},
    {registry: 'ghcr.io', repository: 'acme/app/tools', then: 'image'},
    {registry: 'ghcr.io', repository: 'acme/app2', then: 'owner'},
    {registry: 'ghcr.io', repository: 'acme-labs/app', then: 'whole host'},
    {registry: 'docker.io', repository: 'acme/app', then: 'hub'},
    {registry: 'docker.io', repository: 'other/app', then: undefined},
    {registry: 'quay.io', repository: 'acme/app', then: undefined}
  ])('for $registry/$repository is that of the longest path: $then', ({registry, repository, then}) => {
    const {credential} = pushAccess(makeFacts({inputs: {registryCredentials}}), {registry, repository})
    expect(credential?.token.secret).toBe(then)
  })

  test.each([
    {given: 'GitHub’s registry', serverUrl: 'https://github.com', registry: 'ghcr.io', then: 'token'},
    {given: 'another registry', serverUrl: 'https://github.com', registry: 'quay.io', then: undefined},
    {
      given: 'the registry of an enterprise server',
      serverUrl: 'https://ghes.example.com',
      registry: 'containers.ghes.example.com',
      then: 'token'
    },
    {
      given: 'GitHub’s registry from an enterprise server',
      serverUrl: 'https://ghes.example.com',
      registry: 'ghcr.io',
      then: undefined
    }
  ])('for $given without a line is $then', ({serverUrl, registry, then}) => {
    const {credential} = pushAccess(makeFacts({event: {serverUrl}}), {registry, repository: 'acme/app'})
    expect(credential?.token.secret).toBe(then)
  })
})

describe('the images', () => {
  test('are those of the input, then those of full references, each once', () => {
    const quay = {registry: 'quay.io', repository: 'acme/app'}
    const ghcr = {registry: 'ghcr.io', repository: 'acme/app'}
    const tags = [{tag: 'a', image: quay}, {tag: 'b', image: ghcr}, {tag: 'c', image: quay}, {tag: 'd'}]
    expect(imagesOf(makeFacts({inputs: {images: [ghcr], tags}}))).toEqual([ghcr, quay])
  })
})
