import type {Explanation} from '../../model/problem.ts'
import type {SecretRef} from '../../model/secret.ts'

/** What a parser of an input works with: it reports every fault and goes on, so that all are told at once. */
export interface Desk {
  /** The input's name in `action.yml`. */
  readonly input: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Who started the run. */
  readonly actor: string
  /** GitHub hands no secrets to this event, so that empty ones are nobody's mistake. */
  readonly isWithoutSecrets: boolean
  fault(explanation: Explanation): void
  notice(sentence: string): void
  keep(name: string, value: string): SecretRef
  find(text: string): SecretRef | undefined
}
