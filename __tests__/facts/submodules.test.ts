import {symlinkSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {readSubmodules} from '../../src/facts/submodules.ts'
import {machineFiles} from '../../src/host/files.ts'
import type {Submodule} from '../../src/model/source.ts'
import {makePlayground, type Playground} from '../support/checkout.ts'
import {makeFakeHost} from '../support/fake-host.ts'
import {realCommands} from '../support/real-commands.ts'

let play: Playground
let count = 0

beforeAll(() => {
  play = makePlayground()
})

afterAll(() => play.remove())

function read(text: string): Promise<readonly Submodule[]> {
  count += 1
  play.write({[`tree ${count}/.gitmodules`]: text})
  return readSubmodules(join(play.folder, `tree ${count}`), makeFakeHost({files: machineFiles, programs: realCommands}))
}

describe('.gitmodules', () => {
  test.each<{given: string; text: string; then: readonly Submodule[]}>([
    {
      given: 'a plain section',
      text: '[submodule "k"]\n\tpath = third_party/k\n\turl = https://github.com/acme/k.git\n',
      then: [{name: 'k', path: 'third_party/k', url: 'https://github.com/acme/k.git'}]
    },
    {
      given: 'dots, blanks and quotes in a name, and a path in quotes',
      text: '[submodule "a.b \\"c\\" d"]\n\turl = ../k\n\tpath = "third party/k" # note\n',
      then: [{name: 'a.b "c" d', path: 'third party/k', url: '../k'}]
    },
    {
      given: 'keys in capitals, one line continued, a comment',
      text: '[Submodule "k"]\n\tPATH = k\n\tURL = https://github.com/\\\nacme/k ; why\n\tbranch = main\n',
      then: [{name: 'k', path: 'k', url: 'https://github.com/acme/k'}]
    },
    {
      given: 'a name like a property of objects',
      text: '[submodule "__proto__"]\n\tpath = p\n\turl = ../p\n',
      then: [{name: '__proto__', path: 'p', url: '../p'}]
    },
    {
      given: 'a URL said twice, where git takes the last',
      text: '[submodule "k"]\n\tpath = k\n\turl = ../one\n\turl = ../two\n',
      then: [{name: 'k', path: 'k', url: '../two'}]
    },
    {given: 'nothing', text: '', then: []},
    {given: 'other sections only', text: '[core]\n\tbare = false\n', then: []},
    {
      given: 'a user name, which is no secret',
      text: '[submodule "k"]\n\tpath = k\n\turl = git@github.com:acme/k.git\n',
      then: [{name: 'k', path: 'k', url: 'git@github.com:acme/k.git'}]
    }
  ])('$given', async ({text, then}) => {
    expect(await read(text)).toEqual(then)
  })

  test.each([
    {given: 'a bracket that stays open', text: '[submodule "k"\n\tpath = k\n'},
    {given: 'a quote that stays open', text: '[submodule "k"]\n\tpath = "k\n\turl = ../k\n'},
    {given: 'no path', text: '[submodule "k"]\n\turl = ../k\n'},
    {given: 'no URL', text: '[submodule "k"]\n\tpath = k\n'},
    {given: 'an empty URL', text: '[submodule "k"]\n\tpath = k\n\turl =\n'},
    {given: 'no line end in a value, but a sign of control', text: '[submodule "k"\u0000]\n'}
  ])('$given is a problem', async ({text}) => {
    await expect(read(text)).rejects.toMatchObject({code: 'submodule-config-invalid'})
  })

  test.each([
    {given: 'a password', url: 'https://octo:hunter2@github.com/acme/k.git'},
    {given: 'a password with a slash', url: 'https://octo:hunter2/x@github.com/acme/k.git'},
    {given: 'a password in a form like scp', url: 'octo:hunter2@github.com:acme/k.git'},
    {given: 'a token as user', url: `https://ghp_${'hunter2'.repeat(5)}@github.com/acme/k.git`},
    {given: 'a long word as user', url: `https://${'hunter2'.repeat(5)}@git.acme.test/k.git`}
  ])('a URL with $given is refused without being shown', async ({url}) => {
    const reading = read(`[submodule "k"]\n\tpath = k\n\turl = ${url}\n`)
    await expect(reading).rejects.toMatchObject({code: 'submodule-url-refused'})
    await expect(reading).rejects.not.toThrow(/hunter2/)
  })

  test('an include in it shows no other file', async () => {
    play.write({'secret.inc': '[submodule "stolen"]\n\tpath = s\n\turl = ../s\n'})
    expect(await read(`[include]\n\tpath = ${join(play.folder, 'secret.inc')}\n`)).toEqual([])
  })

  test('a link in its place is a problem', async () => {
    play.write({'linked/x': '', 'elsewhere.inc': '[submodule "k"]\n\tpath = k\n\turl = ../k\n'})
    symlinkSync(join(play.folder, 'elsewhere.inc'), join(play.folder, 'linked/.gitmodules'))
    const host = makeFakeHost({files: machineFiles, programs: realCommands})
    await expect(readSubmodules(join(play.folder, 'linked'), host)).rejects.toMatchObject({
      code: 'submodule-config-invalid'
    })
  })

  test('without the file there is nothing to ask git', async () => {
    const host = makeFakeHost({files: {'/w/app.py': ''}})
    expect(await readSubmodules('/w', host)).toEqual([])
    expect(host.asked).toEqual([])
  })

  test('without git nobody reads it', async () => {
    const host = makeFakeHost({files: {'/w/.gitmodules': '[submodule "k"]'}})
    await expect(readSubmodules('/w', host)).rejects.toMatchObject({code: 'submodule-config-invalid'})
  })
})
