import {describe, expect, test} from '@jest/globals'
import {makeLog} from '../../scripts/runner/log.ts'
import {makeMasks} from '../../scripts/runner/masks.ts'

function read(lines: readonly string[], options: {debug?: boolean; secrets?: readonly string[]} = {}) {
  const log = makeLog({masks: makeMasks(options.secrets ?? []), debug: options.debug === true})
  const done: string[] = []
  const reader = log.readerFor('main', {
    setOutput: (name, value) => done.push(`output ${name}=${value}`),
    saveState: (name, value) => done.push(`state ${name}=${value}`),
    fail: () => done.push('fail')
  })
  const uses = lines.map(line => reader.read(line))
  return {shown: log.lines.map(line => `${line.kind}: ${line.text}`), notes: log.annotations, done, uses}
}

describe('a line of an action', () => {
  test.each([
    {given: 'plain text', lines: ['hello'], then: ['text: hello']},
    {given: 'an unknown command', lines: ['::hello::you'], then: ['text: ::hello::you']},
    {given: 'colons in a sentence', lines: ['std::vector::push'], then: ['text: std::vector::push']},
    {
      given: 'a group',
      lines: ['::group::Build', 'step', '::endgroup::'],
      then: ['group: Build', 'text: step', 'endgroup: ']
    },
    {given: 'a command after blanks', lines: ['   ::notice::here'], then: ['notice: here']},
    {given: 'a command in capitals', lines: ['::ERROR::no'], then: ['error: no']},
    {given: 'the older form', lines: ['##[warning]careful'], then: ['warning: careful']},
    {given: 'debug while it is off', lines: ['::debug::detail'], then: []},
    {given: 'a problem matcher', lines: ['::add-matcher::m.json'], then: []},
    {
      given: 'echo on',
      lines: ['::echo::on', '::group::G', '::add-mask::abcdef'],
      then: ['text: ::group::G', 'group: G', 'text: ::add-mask::***']
    }
  ])('given $given, the log shows it as the runner would', ({lines, then}) => {
    expect(read(lines).shown).toEqual(then)
  })

  test('given debug is on, debug lines are shown', () => {
    expect(read(['::debug::detail'], {debug: true}).shown).toEqual(['debug: detail'])
  })

  test('given properties, they are unescaped and stand in the annotation', () => {
    const {notes} = read(['::error file=a%2Cb.txt,line=3,title=A%3A b::one%0Atwo 100%25'])
    expect(notes).toEqual([
      {by: 'main', level: 'error', message: 'one\ntwo 100%', properties: {file: 'a,b.txt', line: '3', title: 'A: b'}}
    ])
  })

  test('given stop-commands, nothing is carried out until the word comes again', () => {
    const {shown, notes, uses} = read([
      '::stop-commands::pausE',
      '::error::not me',
      '::add-mask::abcdef',
      '::pause::',
      '::error::me'
    ])
    expect(notes.map(note => note.message)).toEqual(['me'])
    expect(uses).toEqual(['other', 'other', 'other', 'other', 'other'])
    expect(shown).toContain('text: ::add-mask::abcdef')
  })

  test.each([
    {given: 'set-output', line: '::set-output name=a::1', then: ['output a=1']},
    {given: 'save-state', line: '::save-state name=k::v', then: ['state k=v']},
    {given: 'set-env', line: '::set-env name=A::1', then: ['fail']},
    {given: 'add-path', line: '::add-path::/x', then: ['fail']}
  ])('given the old command $given, it is warned about', ({line, then}) => {
    const {done, notes} = read([line])
    expect(done).toEqual(then)
    expect(notes.map(note => note.by)).toEqual(['runner'])
  })
})

describe('masks', () => {
  const secret = 'p4ss/w+rd "x"'

  test('given a mask, only what comes after it is hidden', () => {
    const {shown, uses} = read(['was s3cret', '::add-mask::s3cret', 'is s3cret'])
    expect(shown).toEqual(['text: was s3cret', 'text: is ***'])
    expect(uses).toEqual(['other', 'mask', 'other'])
  })

  test('given an empty mask, the runner warns and hides nothing', () => {
    const {shown, notes} = read(['::add-mask::  ', 'a b'])
    expect(shown[1]).toBe('text: a b')
    expect(notes[0]?.level).toBe('warning')
  })

  test.each([
    {form: 'raw', text: secret},
    {form: 'base64', text: Buffer.from(secret).toString('base64')},
    {form: 'base64, one byte later', text: Buffer.from(secret.slice(1)).toString('base64')},
    {form: 'JSON', text: JSON.stringify(secret).slice(1, -1)},
    {form: 'URL', text: encodeURIComponent(secret)},
    {form: 'XML', text: secret.replaceAll('"', '&quot;')}
  ])('given a secret of the job, its $form form is hidden', ({text}) => {
    expect(read([`<${text}>`], {secrets: [secret]}).shown).toEqual(['text: <***>'])
  })

  test('given a mask of several lines, the whole and each line are hidden', () => {
    const {shown} = read(['::add-mask::first-line%0Asecond-line', 'a second-line b'])
    expect(shown).toEqual(['text: a *** b'])
  })

  test('given masks that overlap, nothing of either is left', () => {
    expect(makeMasks(['abcdef', 'defghi']).apply('xabcdefghiy')).toBe('x***y')
    expect(makeMasks(['aa']).apply('aaab')).toBe('***b')
  })

  test('given an annotation, its properties and words are masked too', () => {
    const {notes} = read(['::warning title=s3cret-x::about s3cret-x'], {secrets: ['s3cret-x']})
    expect(notes[0]).toMatchObject({message: 'about ***', properties: {title: '***'}})
  })
})
