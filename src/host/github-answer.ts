import type {IncomingHttpHeaders} from 'node:http'
import type {GitHubAnswer} from '../model/token.ts'
import {wordsIn} from './registry-words.ts'

/** What is told where nobody answered. */
export function noAnswer(message: string): GitHubAnswer {
  return {status: 0, message, json: undefined}
}

/** An answer of GitHub's REST interface, with what its headers tell of the token that was used. */
export function answerOf(status: number, headers: IncomingHttpHeaders, body: string): GitHubAnswer {
  const json = jsonOf(body)
  const scopes = textOf(headers['x-oauth-scopes'])
  const accepted = textOf(headers['x-accepted-github-permissions'])
  const sso = textOf(headers['x-github-sso'])
  const expiresAt = dateOf(textOf(headers['github-authentication-token-expiration']))
  return {
    status,
    message: status < 400 ? '' : wordsIn(body).text,
    json,
    ...(scopes === undefined ? {} : {scopes: listOf(scopes)}),
    ...(accepted === undefined || accepted === '' ? {} : {accepted}),
    // `required; url=https://github.com/orgs/acme/sso?authorization_request=…`: the request in it is for one person.
    ...(sso === undefined || sso === '' ? {} : {sso: sso.replace(/\?[^;\s]*/, '')}),
    ...(expiresAt === undefined ? {} : {expiresAt})
  }
}

/** Reads `2026-12-31 09:00:00 UTC` and `2026-12-31 09:00:00 +0900`, the two forms that GitHub writes. */
export function dateOf(header: string | undefined): string | undefined {
  const [, day, time, zone = 'UTC'] =
    /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2})\s*(UTC|Z|[+-]\d{4})?$/.exec(header ?? '') ?? []
  if (day === undefined) return undefined
  const offset = /^[+-]/.test(zone) ? `${zone.slice(0, 3)}:${zone.slice(3)}` : 'Z'
  const date = new Date(`${day}T${time}${offset}`)
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString()
}

function listOf(header: string): readonly string[] {
  return header
    .split(',')
    .map(scope => scope.trim())
    .filter(scope => scope !== '')
}

function textOf(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' ? header.trim() : undefined
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body) as unknown
  } catch {
    return undefined
  }
}
