import {describe, expect, test} from '@jest/globals'
import {expandVariables} from '../../src/image/expansion.ts'

const KNOWN: Readonly<Record<string, string>> = {A: 'one', EMPTY: '', B_2: 'two'}

describe('expandVariables', () => {
  test.each([
    {text: 'plain', then: 'plain'},
    {text: '$A-$B_2', then: 'one-two'},
    {text: '${A}x', then: 'onex'},
    {text: '${NONE:-else}', then: 'else'},
    {text: '${NONE:-$A}', then: 'one'},
    {text: '${EMPTY:-else}', then: 'else'},
    {text: '${EMPTY-else}', then: ''},
    {text: '${A:+then}', then: 'then'},
    {text: '${NONE:+then}', then: ''},
    {text: '\\$A', then: '$A'},
    {text: '$', then: '$'},
    {text: 'a$', then: 'a$'},
    {text: '$NONE', then: undefined},
    {text: '${A%e}', then: undefined},
    {text: '${NONE:?needed}', then: undefined}
  ])('$text gives $then', ({text, then}) => {
    expect(expandVariables(text, name => KNOWN[name])).toBe(then)
  })
})
