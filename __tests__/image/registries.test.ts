import {describe, expect, test} from '@jest/globals'
import {parseReference} from '../../src/image/reference.ts'
import {packageRegistryOf, REGISTRIES, registryOf, tokenUserOf} from '../../src/image/registries.ts'

describe('registryOf', () => {
  test.each([
    {host: 'ghcr.io', name: 'GitHub Container Registry'},
    {host: 'containers.git.acme.test', name: 'GitHub Container Registry'},
    {host: 'docker.io', name: 'Docker Hub'},
    {host: '123456789012.dkr.ecr.eu-central-1.amazonaws.com', name: 'Amazon ECR'},
    {host: '123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn', name: 'Amazon ECR'},
    {host: '123456789012.dkr-ecr.eu-central-1.on.aws', name: 'Amazon ECR'},
    {host: 'public.ecr.aws', name: 'Amazon ECR'},
    {host: 'europe-docker.pkg.dev', name: 'Google Artifact Registry'},
    {host: 'eu.gcr.io', name: 'Google Artifact Registry'},
    {host: 'acme.azurecr.io', name: 'Azure Container Registry'},
    {host: 'registry.gitlab.com', name: 'GitLab Container Registry'},
    {host: 'quay.io', name: 'Quay'},
    {host: 'harbor.acme.test', name: 'Harbor'},
    {host: 'registry.acme.test', name: 'a plain registry'},
    {host: '127.0.0.1:5000', name: 'a plain registry'},
    {host: 'ghcr.io.evil.test', name: 'a plain registry'},
    {host: 'notgcr.io', name: 'a plain registry'}
  ])('$host is $name', ({host, name}) => {
    expect(registryOf(host).name).toBe(name)
  })

  test.each(REGISTRIES.map(({name}, at) => ({name, isLast: at === REGISTRIES.length - 1})))(
    '$name has a name of its own, and only the last row takes every host',
    ({name, isLast}) => {
      expect(REGISTRIES.filter(row => row.name === name)).toHaveLength(1)
      expect(REGISTRIES.find(row => row.name === name)?.matches('never-seen.test')).toBe(isLast)
    }
  )
})

describe('tokenUserOf', () => {
  test.each([
    {image: 'ghcr.io/acme/app', token: 'ghs_x', user: 'x-access-token'},
    {image: 'ghcr.io/acme/app', token: 'ghp_x', user: 'octo'},
    {image: 'acme/app', token: 'dckr_pat_x', user: 'acme'},
    {image: '123456789012.dkr.ecr.us-east-1.amazonaws.com/app', token: 'x', user: 'AWS'},
    {image: 'europe-docker.pkg.dev/acme/images/app', token: 'ya29.x', user: 'oauth2accesstoken'},
    {image: 'europe-docker.pkg.dev/acme/images/app', token: '{"type": "service_account"}', user: '_json_key'},
    {image: 'europe-docker.pkg.dev/acme/images/app', token: 'eyJ0', user: '_json_key_base64'},
    {image: 'acme.azurecr.io/app', token: 'x', user: '00000000-0000-0000-0000-000000000000'},
    {image: 'registry.gitlab.com/acme/app', token: 'glpat-x', user: 'oauth2'},
    {image: 'quay.io/acme/app', token: 'x', user: '$oauthtoken'},
    {image: 'harbor.acme.test/acme/app', token: 'x', user: 'octo'}
  ])('a token for $image goes with the user $user', ({image: text, token, user}) => {
    const reference = parseReference(text)
    expect(reference && tokenUserOf({image: reference.image, token, actor: 'octo'})).toBe(user)
  })
})

describe('packageRegistryOf', () => {
  test.each([
    {server: 'https://github.com', registry: 'ghcr.io'},
    {server: 'https://git.acme.test', registry: 'containers.git.acme.test'},
    {server: 'https://acme.ghe.com', registry: 'containers.acme.ghe.com'},
    {server: 'http://127.0.0.1:3000', registry: 'ghcr.io'},
    {server: 'not a url', registry: 'ghcr.io'}
  ])('$server keeps packages at $registry', ({server, registry}) => {
    expect(packageRegistryOf(server)).toBe(registry)
  })
})
