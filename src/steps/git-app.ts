import {type Problem, Problems, problemsOf} from '../model/problem.ts'
import type {Products} from '../model/report.ts'
import type {GitWork} from '../model/work-sources.ts'
import type {StepContext} from './step.ts'

/** Credentials that exist, and the tokens that were minted for them. */
export interface Minted {
  readonly credentials: GitWork['credentials']
  readonly appTokens: NonNullable<Products['appTokens']>
}

/**
 * Lets the App mint its tokens, one for each owner at the same time; post revokes them.
 *
 * A credential whose token does not reach its repository falls away, so that a public submodule is read without one.
 * Throws `github-app-refused`, for all owners together.
 */
export async function mintTokens({app, credentials}: GitWork, {host, warn}: StepContext): Promise<Minted> {
  if (app === undefined) return {credentials, appTokens: []}
  const {tokens, ...about} = app
  const problems: Problem[] = []
  const minted = await Promise.all(
    tokens.map(async ({file, ...wanted}) => {
      host.ledger.record({kind: 'revoke-token', path: file, apiUrl: app.apiUrl})
      try {
        const made = await host.apps.mint({...about, ...wanted})
        if (made === undefined) return []
        await host.files.write(file, host.secrets.redeem(made.token))
        if (made.skewSeconds !== undefined) warn(skewText(made.skewSeconds))
        host.log.info(`git: ${wanted.secret}: a token for ${made.repositories.join(', ')} of ${wanted.owner}`)
        const {repositories, expiresAt} = made
        return [
          {secret: wanted.secret, owner: wanted.owner, repositories, ...(expiresAt === undefined ? {} : {expiresAt})}
        ]
      } catch (thrown) {
        problems.push(...problemsOf(thrown))
        if (problemsOf(thrown).length === 0) throw thrown
        return []
      }
    })
  )
  if (problems.length > 0) throw new Problems(problems)
  const appTokens = minted.flat()
  return {credentials: credentials.filter(credential => exists(credential, appTokens)), appTokens}
}

/** Whether a credential has a value: one of the App's only where the token reaches its repository. */
export function exists(
  {isMinted, token, path}: GitWork['credentials'][number],
  appTokens: NonNullable<Products['appTokens']>
): boolean {
  if (isMinted !== true) return true
  const minted = appTokens.find(({secret}) => secret === token.secret)
  return minted?.repositories.some(name => `${minted.owner}/${name}` === path) ?? false
}

function skewText(seconds: number): string {
  const way = seconds > 0 ? 'behind' : 'ahead of'
  return `The clock of this machine is ${Math.abs(seconds)} s ${way} GitHub's. Logins were signed by GitHub's clock; let the machine set its own by NTP.`
}
