import {describe, expect, test} from '@jest/globals'
import {parseBuildxArgs} from '../../../src/facts/parse/buildx-args.ts'
import type {Desk} from '../../../src/facts/parse/desk.ts'
import type {Explanation} from '../../../src/model/problem.ts'

function read(text: string): {readonly flags: readonly string[]; readonly faults: readonly Explanation[]} {
  const faults: Explanation[] = []
  const desk: Desk = {
    input: 'buildx-args',
    env: {},
    actor: 'octo',
    isWithoutSecrets: false,
    fault: explanation => void faults.push(explanation),
    notice: () => {},
    keep: name => ({secret: name}),
    find: () => undefined
  }
  return {flags: parseBuildxArgs(text, desk), faults}
}

describe('flags that change only how a build runs', () => {
  test.each([
    {given: 'one alone', text: '--no-cache', then: ['--no-cache']},
    {given: 'a value behind =', text: '--shm-size=2g', then: ['--shm-size=2g']},
    {given: 'a value behind a blank', text: '--shm-size 2g', then: ['--shm-size=2g']},
    {
      given: 'several, with a comment',
      text: '# slow\n--ulimit nofile=1024:4096\n\n--no-cache-filter=base,wheels\n--pull',
      then: ['--ulimit=nofile=1024:4096', '--no-cache-filter=base,wheels', '--pull']
    }
  ])('$given', ({text, then}) => {
    expect(read(text)).toEqual({flags: then, faults: []})
  })
})

describe('everything else is a fault, and none of it is used', () => {
  test.each([
    {given: 'rights', text: '--allow security.insecure'},
    {given: 'rights by =', text: '--allow=network.host'},
    {given: 'the host’s network', text: '--network=host'},
    {given: 'another group of processes', text: '--cgroup-parent=/'},
    {given: 'a secret', text: '--secret id=x,src=/etc/shadow', fix: /`secrets`/},
    {given: 'an output', text: '--output=type=local,dest=/', fix: /`load`/},
    {given: 'a push by docker', text: '--push', fix: /`push`/},
    {given: 'provenance', text: '--provenance=mode=max'},
    {given: 'another builder', text: '--builder=warm', fix: /`builder`/},
    {given: 'a short form', text: '-f other/Dockerfile', fix: /`file`/},
    {given: 'a second flag on the line', text: '--no-cache --allow=security.insecure', fix: /alone/},
    {given: 'a flag inside a value', text: '--shm-size=1g --network=host'},
    {given: 'a value with a line end', text: '--shm-size=1g\r--network=host'},
    {given: 'a flag without its value', text: '--shm-size'},
    {given: 'an empty value', text: '--ulimit='},
    {given: 'a value where there is none', text: '--pull=false', fix: /alone/},
    {given: 'a typo', text: '--no-cach', fix: /--no-cache/},
    {given: 'no flag at all', text: 'no-cache'},
    {given: 'a place', text: '.'},
    {given: 'a name that every object has', text: 'constructor'}
  ])('$given', ({text, fix = /./}) => {
    const {flags, faults} = read(text)
    expect(flags).toEqual([])
    expect(faults).toEqual([expect.objectContaining({fix: expect.stringMatching(fix)})])
  })
})
