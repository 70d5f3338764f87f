import {describe, expect, test} from '@jest/globals'
import fc from 'fast-check'
import {imageText, isTag, localNameOf, parseReference, referenceText, tagSlug} from '../../src/image/reference.ts'

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`

describe('parseReference', () => {
  test.each([
    {text: 'ghcr.io/acme/app', image: 'ghcr.io/acme/app', rest: {}},
    {text: 'ghcr.io/acme/app:1.0', image: 'ghcr.io/acme/app', rest: {tag: '1.0'}},
    {text: `ghcr.io/acme/app:1.0@${DIGEST}`, image: 'ghcr.io/acme/app', rest: {tag: '1.0', digest: DIGEST}},
    {text: 'python', image: 'docker.io/library/python', rest: {}},
    {text: 'python:3.12-slim', image: 'docker.io/library/python', rest: {tag: '3.12-slim'}},
    {text: 'acme/app', image: 'docker.io/acme/app', rest: {}},
    {text: 'index.docker.io/acme/app', image: 'docker.io/acme/app', rest: {}},
    {text: 'docker.io/python', image: 'docker.io/library/python', rest: {}},
    {text: 'localhost/app', image: 'localhost/app', rest: {}},
    {text: '127.0.0.1:5000/acme/app', image: '127.0.0.1:5000/acme/app', rest: {}},
    {text: '[::1]:5000/acme/app:x', image: '[::1]:5000/acme/app', rest: {tag: 'x'}},
    {text: 'registry.acme.test:443/a/b/c/d', image: 'registry.acme.test:443/a/b/c/d', rest: {}},
    {text: 'ghcr.io/acme/a__b-c.d', image: 'ghcr.io/acme/a__b-c.d', rest: {}}
  ])('$text is the image $image', ({text, image, rest}) => {
    const reference = parseReference(text)
    expect(reference && imageText(reference.image)).toBe(image)
    expect(reference).toMatchObject({...rest, wasLowered: false})
  })

  test('capitals in the name are lowered and told, capitals in the tag stay', () => {
    expect(parseReference('ghcr.io/Acme/App:RC1')).toEqual({
      image: {registry: 'ghcr.io', repository: 'acme/app'},
      tag: 'RC1',
      wasLowered: true
    })
  })

  test.each([
    {given: 'nothing', text: ''},
    {given: 'a blank inside', text: 'ghcr.io/acme/my app'},
    {given: 'a scheme', text: 'https://ghcr.io/acme/app'},
    {given: 'a part that ends in a dash', text: 'ghcr.io/acme/app-'},
    {given: 'a part that begins with a dot', text: 'ghcr.io/.acme/app'},
    {given: 'two dots side by side', text: 'ghcr.io/acme/a..b'},
    {given: 'an empty part', text: 'ghcr.io/acme//app'},
    {given: 'a host and nothing else', text: 'ghcr.io/'},
    {given: 'an empty tag', text: 'ghcr.io/acme/app:'},
    {given: 'a tag of 129 characters', text: `acme/app:${'x'.repeat(129)}`},
    {given: 'a digest that is cut short', text: 'acme/app@sha256:abc'},
    {given: 'a name of more than 255 characters', text: `ghcr.io/${'a/'.repeat(130)}b`}
  ])('$given is no reference', ({text}) => {
    expect(parseReference(text)).toBeUndefined()
  })
})

const part = fc.stringMatching(/^[a-z0-9]{1,8}(?:(?:\.|_|__|-{1,3})[a-z0-9]{1,8}){0,2}$/)
const host = fc.oneof(
  fc.constantFrom('ghcr.io', 'docker.io', 'localhost', '127.0.0.1:5000', '[::1]:5000', 'registry.acme.test'),
  fc
    .tuple(part, fc.integer({min: 1, max: 65535}))
    .map(([name, port]) => `${name.replaceAll(/[._-]+/g, '')}.test:${port}`)
)
const image = fc
  .record({registry: host, parts: fc.array(part, {minLength: 2, maxLength: 4})})
  .map(({registry, parts}) => ({registry, repository: parts.join('/')}))
const tag = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,20}$/)

describe('references, whatever they are', () => {
  test('what is printed is read back as the same', () => {
    fc.assert(
      fc.property(image, fc.option(tag), fc.boolean(), (name, maybeTag, hasDigest) => {
        const reference = {
          image: name,
          ...(maybeTag === null ? {} : {tag: maybeTag}),
          ...(hasDigest ? {digest: DIGEST} : {})
        }
        expect(parseReference(referenceText(reference))).toEqual({...reference, wasLowered: false})
      })
    )
  })

  test('no text makes the parser throw, and what it accepts it accepts again', () => {
    fc.assert(
      fc.property(fc.string({maxLength: 60}), text => {
        const reference = parseReference(text)
        if (reference !== undefined) expect(parseReference(referenceText(reference))?.image).toEqual(reference.image)
      })
    )
  })

  test('two images never share a name behind the door, and that name is one that registries take', () => {
    fc.assert(
      fc.property(image, image, (one, other) => {
        expect(parseReference(`127.0.0.1:5000/${localNameOf(one)}`)).toBeDefined()
        if (imageText(one) !== imageText(other)) expect(localNameOf(one)).not.toBe(localNameOf(other))
      })
    )
  })
})

describe('localNameOf', () => {
  test.each([
    {text: 'ghcr.io/acme/app', name: 'ghcr.io/acme/app'},
    {text: '127.0.0.1:5000/acme/app', name: '127.0.0.1-5000/acme/app'},
    {text: '[::1]:5000/acme/app', name: 'ip6-xx1-5000/acme/app'}
  ])('$text is $name behind the door', ({text, name}) => {
    const reference = parseReference(text)
    expect(reference && localNameOf(reference.image)).toBe(name)
  })
})

const LONG = 'l'.repeat(200)

describe('tagSlug', () => {
  test.each([
    {given: 'a name that fits', text: 'main', slug: 'main'},
    {given: 'dots, dashes and underscores', text: 'release-1.2_x', slug: 'release-1.2_x'},
    {given: 'a slash', text: 'feature/x', slug: 'feature-x'},
    {given: 'capitals', text: 'Feature', slug: 'feature'},
    {given: 'a name in another script', text: 'пример', slug: expect.stringMatching(/^[0-9a-f]{8}$/)},
    {given: 'nothing', text: '', slug: 'e3b0c442'}
  ])('$given: $text', ({text, slug}) => {
    expect(tagSlug(text)).toEqual(slug)
  })

  test('a long name is cut and told apart from others with the same beginning', () => {
    const one = tagSlug(`${'long/'.repeat(40)}a`)
    const other = tagSlug(`${'long/'.repeat(40)}b`)
    expect(one.length).toBeLessThanOrEqual(128)
    expect(one).not.toBe(other)
  })

  test('every text gives a tag within its limit, and two that had to be cut never the same', () => {
    const limit = fc.integer({min: 9, max: 128})
    fc.assert(
      fc.property(fc.string({unit: 'grapheme'}), fc.string({unit: 'grapheme'}), limit, (one, other, longest) => {
        const slug = tagSlug(one, longest)
        expect(isTag(slug)).toBe(true)
        expect(slug).toMatch(/^[a-z0-9._-]+$/)
        expect(slug.length).toBeLessThanOrEqual(longest)
        if (one !== other) expect(tagSlug(`${one}${LONG}`, longest)).not.toBe(tagSlug(`${other}${LONG}`, longest))
      })
    )
  })
})
