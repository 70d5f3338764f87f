import {Secret, type SecretRef} from '../model/secret.ts'
import type {SecretsPort} from './host.ts'
import {base64Forms, isMaskable, maskedForms, SHORTEST_FORM} from './masks.ts'

/** The secrets port, and what only the host itself may do with values. */
export interface SecretStore extends SecretsPort {
  /** A text for programs: forms of 8 and more characters are replaced, so that a secret `main` does not spoil a tag. */
  coverData(text: string): string
}

/**
 * Keeps secret values by name and masks them, with their encoded forms, the moment they come in.
 *
 * `mask` tells the runner; `say` tells the reader of a value too short to be masked. One name holds one value:
 * another value under the same name gets a number, so that no reference ever changes what it means.
 */
export function openSecrets({mask, say}: {mask: (form: string) => void; say: (sentence: string) => void}): SecretStore {
  const values = new Map<string, string>()
  const needles: {readonly name: string; readonly forms: readonly string[]}[] = []
  const masked = new Set<string>()
  const patterns = new Map<number, RegExp>()

  function keep(name: string, value: string): SecretRef {
    const free = freeName(name, value)
    if (values.has(free)) return {secret: free}
    values.set(free, value)
    const trimmed = value.trim()
    if (value !== '' && !isMaskable(value))
      say(`The value of ${name} is too short or too common to be masked in the log.`)
    for (const form of maskedForms(value)) {
      if (masked.has(form)) continue
      masked.add(form)
      mask(form)
    }
    patterns.clear()
    if (trimmed.length >= SHORTEST_FORM) needles.push({name: free, forms: [trimmed, ...base64Forms(trimmed)]})
    return {secret: free}
  }

  function freeName(name: string, value: string): string {
    for (let count = 1; ; count += 1) {
      const candidate = count === 1 ? name : `${name} (${count})`
      if (!values.has(candidate) || values.get(candidate) === value) return candidate
    }
  }

  function redeem(ref: SecretRef): Secret {
    const value = values.get(ref.secret)
    if (value === undefined) throw new Error(`No secret is kept under the name ${ref.secret}`)
    return new Secret(ref.secret, value)
  }

  function find(text: string): SecretRef | undefined {
    const found = needles.find(({forms}) => forms.some(form => text.includes(form)))
    return found === undefined ? undefined : {secret: found.name}
  }

  function coverFrom(shortest: number, text: string): string {
    const pattern = patterns.get(shortest) ?? patternOf([...masked].filter(form => form.length >= shortest))
    patterns.set(shortest, pattern)
    return text.replace(pattern, '***')
  }

  return {
    keep,
    redeem,
    find,
    cover: text => coverFrom(0, text),
    coverData: text => coverFrom(SHORTEST_FORM, text)
  }
}

// The longest form first: a form that holds another one is covered whole. Without any form the pattern matches nothing.
function patternOf(forms: readonly string[]): RegExp {
  const longestFirst = forms.toSorted((a, b) => b.length - a.length).map(escapeForPattern)
  return new RegExp(longestFirst.length === 0 ? '(?!)' : longestFirst.join('|'), 'g')
}

function escapeForPattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
