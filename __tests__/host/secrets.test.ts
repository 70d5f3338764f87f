import {describe, expect, test} from '@jest/globals'
import {maskedForms} from '../../src/host/masks.ts'
import {openSecrets} from '../../src/host/secrets.ts'

const TOKEN = 'ghs_Zm9vYmFy+/kernels=42'

function openTestSecrets() {
  const masks: string[] = []
  const said: string[] = []
  const secrets = openSecrets({mask: form => masks.push(form), say: sentence => said.push(sentence)})
  return {secrets, masks, said}
}

describe('what is masked', () => {
  test.each([
    {given: 'the value itself', form: TOKEN},
    {given: 'its base64', form: Buffer.from(TOKEN).toString('base64')},
    {given: 'the login that git sends', form: Buffer.from(`x-access-token:${TOKEN}`).toString('base64')},
    {given: 'its URL encoding', form: encodeURIComponent(TOKEN)}
  ])('$given', ({form}) => {
    expect(maskedForms(TOKEN)).toContain(form)
  })

  test.each(['', 'a', 'ab', 'abc', 'octocat', 'a-longer-user-name'])('its base64 in a login of the user %j', user => {
    const login = Buffer.from(`${user}:${TOKEN}`).toString('base64')
    const hit = maskedForms(TOKEN).find(form => form.length > 20 && login.includes(form))
    expect(hit).toBeDefined()
  })

  test('a value with quotes is masked as it stands in JSON', () => {
    expect(maskedForms('pass"word\\1')).toContain('pass\\"word\\\\1')
  })

  test('each telling line of a key, without its frame', () => {
    const forms = maskedForms('-----BEGIN KEY-----\nb3BlbnNzaC1r\nZXktdjEAAAAA\n}\n-----END KEY-----\n')
    expect(forms).toEqual(expect.arrayContaining(['b3BlbnNzaC1r', 'ZXktdjEAAAAA']))
    expect(forms.filter(form => /^-----[A-Z ]+-----$/.test(form))).toEqual([])
    expect(forms).not.toContain('}')
  })

  test.each(['', 'a', 'abc', 'true', 'False', 'null', '   '])('never the trivial value %j', value => {
    expect(maskedForms(value)).toEqual([])
  })

  test('no form is so short that it hits words at random', () => {
    expect(maskedForms('abcd').filter(form => form.length < 4)).toEqual([])
  })
})

describe('the store', () => {
  test('masks a value the moment it comes in, and each form once', () => {
    const {secrets, masks} = openTestSecrets()
    secrets.keep('token', TOKEN)
    const count = masks.length
    secrets.keep('token', TOKEN)
    secrets.keep('other name', TOKEN)
    expect(masks).toContain(TOKEN)
    expect(masks).toHaveLength(count)
  })

  test('says when a value cannot be masked, without the value', () => {
    const {secrets, said} = openTestSecrets()
    secrets.keep('pin', '123')
    expect(said).toHaveLength(1)
    expect(said[0]).toContain('pin')
    expect(said[0]).not.toContain('123')
  })

  test('an empty value is nothing to speak of', () => {
    const {secrets, masks, said} = openTestSecrets()
    expect(secrets.redeem(secrets.keep('unset', '')).reveal()).toBe('')
    expect([...masks, ...said]).toEqual([])
  })

  test('another value under the same name does not change what the first reference means', () => {
    const {secrets} = openTestSecrets()
    const first = secrets.keep('token', 'first-value')
    const second = secrets.keep('token', 'second-value')
    expect(secrets.redeem(first).reveal()).toBe('first-value')
    expect(secrets.redeem(second).reveal()).toBe('second-value')
  })

  test('a reference that nobody kept is a defect', () => {
    const {secrets} = openTestSecrets()
    expect(() => secrets.redeem({secret: 'nobody'})).toThrow('nobody')
  })

  test.each([
    {given: 'the value', text: TOKEN, isFound: true},
    {given: 'a text around it', text: `https://x:${TOKEN}@host/`, isFound: true},
    {given: 'its base64', text: Buffer.from(TOKEN).toString('base64'), isFound: true},
    {given: 'base64 with something before it', text: Buffer.from(`me:${TOKEN}`).toString('base64'), isFound: true},
    {given: 'another text', text: 'https://x@host/', isFound: false}
  ])('find: $given', ({text, isFound}) => {
    const {secrets} = openTestSecrets()
    const ref = secrets.keep('token', TOKEN)
    expect(secrets.find(text)).toEqual(isFound ? ref : undefined)
  })

  test('find does not look for values of less than 8 characters', () => {
    const {secrets} = openTestSecrets()
    secrets.keep('branch', 'main')
    expect(secrets.find('refs/heads/main')).toBeUndefined()
  })

  test('covers the longest form whole, and nothing before there is a secret', () => {
    const {secrets} = openTestSecrets()
    expect(secrets.cover('nothing yet')).toBe('nothing yet')
    secrets.keep('short', 'hunter2!')
    secrets.keep('long', 'hunter2!-and-more')
    expect(secrets.cover('it is hunter2!-and-more.')).toBe('it is ***.')
  })

  test('a short secret is covered for people, and spoils no tag for programs', () => {
    const {secrets} = openTestSecrets()
    secrets.keep('branch', 'main')
    expect(secrets.cover('on main')).toBe('on ***')
    expect(secrets.coverData('ghcr.io/acme/app:main')).toBe('ghcr.io/acme/app:main')
  })
})
