import {describe, expect, test} from '@jest/globals'
import {isSecretName, mayHoldToken, TOKEN_SHAPES, tokenShapeIn} from '../../src/image/token-shapes.ts'

describe('tokenShapeIn', () => {
  test.each(
    TOKEN_SHAPES.map(shape => ({kind: shape.kind, token: `${shape.prefix}${'A1'.repeat(shape.shortestRest)}`}))
  )('a $kind is told by its prefix, alone and inside a text', ({kind, token}) => {
    expect(tokenShapeIn(token)?.kind).toBe(kind)
    expect(tokenShapeIn(`https://x:${token}@host/`)?.kind).toBe(kind)
  })

  test.each([
    {given: 'a word that begins like one', text: 'ghp_short'},
    {given: 'a prefix inside a word', text: `myghp_${'x'.repeat(36)}`},
    {given: 'a model name', text: 'hf_hub_offline'},
    {given: 'a version', text: '2.8.0+cu128'},
    {given: 'nothing', text: ''}
  ])('$given is none', ({text}) => {
    expect(tokenShapeIn(text)).toBeUndefined()
  })

  test('the stateless form of an installation token, with dots and dashes, is one', () => {
    expect(tokenShapeIn('ghs_123456_eyJhbGciOi.eyJpc3MiOi.c2ln-bmF0')?.kind).toBe('GitHub installation token')
  })
})

describe('mayHoldToken', () => {
  test.each([
    {text: `github.com/acmeghp_${'x'.repeat(36)}`, then: true},
    {text: `ghs_${'x'.repeat(36)}`, then: true},
    {text: 'github.com/acme/ghp_kernels', then: false},
    {text: 'python:3.12', then: false}
  ])('$text: $then', ({text, then}) => {
    expect(mayHoldToken(text)).toBe(then)
  })
})

describe('isSecretName', () => {
  test.each([
    {name: 'GITHUB_TOKEN', isSecret: true},
    {name: 'pip_password', isSecret: true},
    {name: 'WANDB_API_KEY', isSecret: true},
    {name: 'client-secret', isSecret: true},
    {name: 'TOKENIZER', isSecret: false},
    {name: 'MAX_TOKENS', isSecret: false},
    {name: 'TOKENIZERS_PARALLELISM', isSecret: false},
    {name: 'HF_TOKEN_PATH', isSecret: false},
    {name: 'PRIMARY_KEY', isSecret: false},
    {name: 'COMPAT', isSecret: false}
  ])('$name: $isSecret', ({name, isSecret}) => {
    expect(isSecretName(name)).toBe(isSecret)
  })
})
