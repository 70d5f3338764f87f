import {execFileSync} from 'node:child_process'
import {mkdtempSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join, resolve} from 'node:path'
import {ensureTools} from '../../scripts/world/tools.ts'

/** A pair of ssh keys, as `ssh-keygen` writes them. */
export interface Pair {
  readonly privateKey: string
  readonly publicKey: string
  /** `SHA256:…`, as `ssh-keygen -l` says it. */
  readonly fingerprint: string
}

/** Makes pairs with the real `ssh-keygen`; an option `-m PEM` and the like chooses the format. */
export async function makePairs<N extends string>(wanted: Record<N, readonly string[]>): Promise<Record<N, Pair>> {
  const keygen = await ensureTools(resolve('.world'), ['ssh-keygen'], () => {})
  const folder = mkdtempSync(join(tmpdir(), 'pairs-'))
  try {
    const made = Object.entries<readonly string[]>(wanted).map(([name, options]) => {
      const file = join(folder, name)
      const passphrase = options.includes('-N') ? [] : ['-N', '']
      execFileSync(keygen, ['-q', ...passphrase, '-C', name, '-f', file, ...options])
      const [, fingerprint = ''] = execFileSync(keygen, ['-lf', `${file}.pub`], {encoding: 'utf8'}).split(' ')
      return [
        name,
        {privateKey: readFileSync(file, 'utf8'), publicKey: readFileSync(`${file}.pub`, 'utf8'), fingerprint}
      ]
    })
    return Object.fromEntries(made) as Record<N, Pair>
  } finally {
    rmSync(folder, {recursive: true, force: true})
  }
}
