import {describe, expect, test} from '@jest/globals'
import {parseTarget} from '../../scripts/world/git-http.ts'

describe('parseTarget', () => {
  test.each([
    {path: '/acme/app/info/refs?service=git-upload-pack', repository: 'acme/app', service: 'upload-pack'},
    {path: '/acme/app.git/info/refs?service=git-receive-pack', repository: 'acme/app', service: 'receive-pack'},
    {path: '/Acme/App.git/git-upload-pack', repository: 'acme/app', service: 'upload-pack'},
    {path: '/acme/app/git-receive-pack', repository: 'acme/app', service: 'receive-pack'},
    {path: '/acme/app.git/info/lfs/objects/batch', repository: 'acme/app', service: 'lfs'}
  ])('given $path, then it is $service of $repository', ({path, ...then}) => {
    expect(parseTarget(new URL(path, 'http://127.0.0.1'))).toMatchObject(then)
  })

  test.each([
    '/',
    '/acme/app',
    '/acme/app/HEAD',
    '/acme/info/refs',
    '/acme/%2e%2e/info/refs',
    '/acme/team/app/info/refs'
  ])('given %s, then it is no repository', path => {
    expect(parseTarget(new URL(path, 'http://127.0.0.1'))).toBeUndefined()
  })
})
