import {describe, expect, test} from '@jest/globals'
import {undo} from '../src/undo.ts'
import {makeFakeHost} from './support/fake-host.ts'

describe('undo', () => {
  test('takes changes back in reverse, so that the directory that all lies in goes last', async () => {
    const host = makeFakeHost({programs: {docker: ''}})
    host.ledger.record({kind: 'remove-path', path: '/temp/run'})
    host.ledger.record({
      kind: 'remove-builder',
      name: 'pci',
      docker: 'docker',
      environment: {BUILDX_CONFIG: '/temp/run/b'}
    })
    host.ledger.record({kind: 'remove-image', reference: 'app:pr-1', docker: 'docker', environment: {}})
    host.ledger.record({kind: 'remove-job', name: 'gpu-7001', kubectl: 'kubectl', environment: {}})
    host.ledger.record({kind: 'stop-process', pid: 4242, startTime: '99'})
    await undo(host)
    expect(host.deeds.filter(deed => /^(ask|stop|remove)/.test(deed))).toEqual([
      'stop 4242',
      'ask kubectl delete job/gpu-7001 --ignore-not-found --wait=false',
      'ask docker image rm app:pr-1',
      'ask docker buildx rm --force pci',
      'remove /temp/run'
    ])
  })

  test('a token is revoked by the value that lies in its file, which then goes; without a file there is nothing to do', async () => {
    const host = makeFakeHost({files: {'/temp/run/app-tokens/acme': 'ghs_token-of-the-app'}})
    for (const owner of ['acme', 'labs']) {
      host.ledger.record({
        kind: 'revoke-token',
        path: `/temp/run/app-tokens/${owner}`,
        apiUrl: 'https://api.github.com'
      })
    }
    await undo(host)
    expect(host.deeds.filter(deed => /^(revoke|remove)/.test(deed))).toEqual([
      'revoke github-app',
      'remove /temp/run/app-tokens/acme'
    ])
    expect(host.masks).toContain('ghs_token-of-the-app')
  })

  test('one that fails is told and stops none of the others', async () => {
    const host = makeFakeHost()
    const failing = {...host, commands: {...host.commands, stop: () => Promise.reject(new Error('not permitted'))}}
    host.ledger.record({kind: 'remove-path', path: '/temp/run'})
    host.ledger.record({kind: 'stop-process', pid: 1, startTime: '0'})
    await undo(failing)
    expect(host.deeds).toContain('remove /temp/run')
    expect(host.told).toContainEqual({level: 'warning', text: 'Could not take back stop-process: not permitted'})
  })

  test('an empty ledger is nothing to do', async () => {
    const host = makeFakeHost()
    await undo(host)
    expect(host.deeds).toEqual([])
  })
})
