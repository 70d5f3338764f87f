import {readFileSync} from 'node:fs'
import {resolve} from 'node:path'
import {parseReference} from '../src/image/reference.ts'
import {tokenUserOf} from '../src/image/registries.ts'
import type {ImageName} from '../src/model/inputs.ts'
import {UsageError} from './runner/options.ts'

/** A repository, and the login for it where there is one. The token is never in an argument. */
export interface Side {
  readonly image: ImageName
  readonly login?: {readonly user: string; readonly token: string}
}

/** Values of options as `parseArgs` gives them. */
export type Values = {readonly [name: string]: string | boolean | undefined}

/** Where values and variables of a command come from. */
export interface Given {
  readonly values: Values
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** Reads a name and the login that the options with this prefix (`from-`) give for it. Throws `UsageError`. */
export function sideOf(prefix: '' | 'from-' | 'to-', name: string, given: Given): Side {
  const shown = prefix === '' ? 'IMAGE' : prefix.slice(0, -1).toUpperCase()
  if (/^[^/]*:[^/]*@/.test(name)) {
    throw new UsageError(`${shown} has a login in it. Give it with --${prefix}token-env.`)
  }
  const reference = parseReference(name)
  if (reference === undefined) throw new UsageError(`${name} is no image name. Write for example ghcr.io/acme/app.`)
  if (reference.tag !== undefined || reference.digest !== undefined) {
    const hint = prefix === '' ? '' : `, and --tags ${reference.tag ?? '…'}`
    throw new UsageError(`${name} names a tag or digest. Write the name alone${hint}.`)
  }
  const {image} = reference
  const token = tokenOf(prefix, given)
  const user = given.values[`${prefix}user`]
  if (token === undefined) {
    if (user === undefined) return {image}
    throw new UsageError(`--${prefix}user needs a token: --${prefix}token-env or --${prefix}token-file.`)
  }
  const actor = given.environment.USER ?? ''
  return {image, login: {user: typeof user === 'string' ? user : tokenUserOf({image, token, actor}), token}}
}

function tokenOf(prefix: string, {values, environment}: Given): string | undefined {
  const [variable, file] = [values[`${prefix}token-env`], values[`${prefix}token-file`]]
  if (variable !== undefined && file !== undefined) {
    throw new UsageError(`--${prefix}token-env and --${prefix}token-file are both given.`)
  }
  if (typeof file === 'string') return tokenInFile(resolve(environment.INIT_CWD ?? '.', file), file)
  if (typeof variable !== 'string') return undefined
  const value = environment[variable]?.trim() ?? ''
  if (value === '') throw new UsageError(`--${prefix}token-env ${variable}: there is no such variable, or it is empty.`)
  return value
}

function tokenInFile(path: string, name: string): string {
  try {
    const token = readFileSync(path, 'utf8').trim()
    if (token !== '') return token
  } catch (error) {
    throw new UsageError(`${name} cannot be read: ${(error as NodeJS.ErrnoException).code}.`)
  }
  throw new UsageError(`${name} is empty.`)
}
