import {describe, expect, test} from '@jest/globals'
import {parsePairs} from '../../scripts/runner/command-files.ts'
import {evaluate, expandText} from '../../scripts/runner/expression.ts'
import {splitLines} from '../../scripts/runner/lines.ts'

describe('a command file', () => {
  test.each([
    {given: 'a line', text: 'a=1\n', then: {a: '1'}},
    {given: 'no line end', text: 'a=1', then: {a: '1'}},
    {given: 'an equals sign in the value', text: 'a=b=c\n', then: {a: 'b=c'}},
    {given: 'an empty value', text: 'a=\n', then: {a: ''}},
    {given: 'a heredoc', text: 'a<<END\none\ntwo\nEND\n', then: {a: 'one\ntwo'}},
    {given: 'an empty heredoc', text: 'a<<END\nEND\n', then: {a: ''}},
    {given: 'a heredoc with empty lines', text: 'a<<END\n\nx\n\nEND\nb=2\n', then: {a: '\nx\n', b: '2'}},
    {given: 'a mark inside of a line', text: 'a<<END\nx END\nEND\n', then: {a: 'x END'}},
    {given: 'two values', text: 'k=1\nk=2\n', then: {k: '2'}},
    {given: 'a carriage return', text: 'a=1\r\n', then: {a: '1\r'}},
    {given: 'a value with <<', text: 'a=1<<2\n', then: {a: '1<<2'}}
  ])('given $given, the pairs are read', ({text, then}) => {
    expect(parsePairs(Buffer.from(text))).toEqual(then)
  })

  test.each([
    {given: 'no sign', text: 'a=1\nfoo\n'},
    {given: 'no name', text: 'a=1\n=x\n'},
    {given: 'a heredoc without end', text: 'a=1\nb<<END\nx\n'},
    {given: 'a heredoc without mark', text: 'a=1\nb<<\nx\n'}
  ])('given $given, it is refused, and what came before counts', ({text}) => {
    expect(() => parsePairs(Buffer.from(text))).toThrow(expect.objectContaining({name: 'PairError', pairs: {a: '1'}}))
  })
})

describe('an expression', () => {
  const contexts = {github: {ref_name: 'main', head_ref: '', event: {number: 42}}, secrets: {}, vars: {A_B: 'x'}}

  test.each([
    {given: 'github.ref_name', then: 'main'},
    {given: 'GitHub.Ref_Name', then: 'main'},
    {given: "github['ref_name']", then: 'main'},
    {given: 'github.head_ref || github.ref_name', then: 'main'},
    {given: "github.ref_name == 'MAIN'", then: true},
    {given: "github.ref_name != 'main' && 'a' || 'b'", then: 'b'},
    {given: '!secrets.NONE', then: true},
    {given: 'secrets.NONE', then: null},
    {given: 'github.event.number', then: 42},
    {given: 'vars.a_b', then: 'x'},
    {given: "(1 == 1) && 'it''s'", then: "it's"},
    {given: "format('{0}-{1}', 'a', github.event.number)", then: 'a-42'},
    {given: "startsWith(github.ref_name, 'MA')", then: true},
    {given: 'github.none.deeper', then: null},
    {given: 'true', then: true}
  ])('$given gives $then', ({given, then}) => {
    expect(evaluate(given, {contexts})).toEqual(then)
  })

  test.each(['unknown.name', 'github.', 'a b', 'nosuch()', "'open", '1 +'])('%s is refused', text => {
    expect(() => evaluate(text, {contexts})).toThrow()
  })

  test('in a text each one is replaced by its value', () => {
    expect(expandText('${{ github.ref_name }}/${{secrets.X}}#${{ github.event.number }}', {contexts})).toBe('main/#42')
  })
})

describe('a stream', () => {
  test.each([
    {given: 'line ends of all kinds', chunks: ['a\nb\r\nc\rd'], then: ['a', 'b', 'c', 'd']},
    {given: 'a line in pieces', chunks: ['he', 'll', 'o\nyou'], then: ['hello', 'you']},
    {given: 'a CR LF in two chunks', chunks: ['a\r', '\nb\n'], then: ['a', 'b']},
    {given: 'an empty line', chunks: ['\n\na'], then: ['', '', 'a']},
    {given: 'a progress bar', chunks: ['10%\r', '20%\r'], then: ['10%', '20%']},
    {given: 'a letter of two bytes, cut', chunks: [Buffer.from([0xc3]), Buffer.from([0xa4, 0x0a])], then: ['ä']}
  ])('given $given, it is cut into lines', ({chunks, then}) => {
    const lines: string[] = []
    const splitter = splitLines(line => lines.push(line.toString('utf8')))
    for (const chunk of chunks) splitter.push(Buffer.from(chunk as string))
    splitter.end()
    expect(lines).toEqual(then)
  })
})
