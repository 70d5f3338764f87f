import type {Host} from '../host/host.ts'
import {tokenShapeIn} from '../image/token-shapes.ts'
import {Problem} from '../model/problem.ts'
import type {Submodule} from '../model/source.ts'
import {askGit} from './asking-git.ts'
import {withoutUserinfo} from './origin-url.ts'

const FILE = '.gitmodules'
const KEY = /^submodule\.(?<name>[\s\S]+)\.(?<field>path|url)$/

/**
 * The submodules that `.gitmodules` names, read by git itself: its quoting is git's.
 *
 * Throws `submodule-config-invalid` for a file that git cannot read or a section without path or URL, and
 * `submodule-url-refused` for a URL with a password in it, which must not get into facts.
 */
export async function readSubmodules(workspace: string, host: Host): Promise<readonly Submodule[]> {
  const kind = await host.files.kindOf(`${workspace}/${FILE}`)
  if (kind === 'absent') return []
  const real = await host.files.realPath(`${workspace}/${FILE}`)
  const root = await host.files.realPath(workspace)
  // A link could show git any file of the machine. git itself refuses it too.
  if (kind !== 'file' || real !== `${root}/${FILE}`) throw invalid('It is not a plain file.')
  const args = ['config', '--file', FILE, '--no-includes', '-z', '--get-regexp', '^submodule\\..*\\.(path|url)$']
  const {exitCode, stdout, stderr} = await askGit(host, workspace, args)
  if (exitCode === 127) throw invalid('git is not on this machine, and nothing else reads this file as git does.')
  // git answers 1 where nothing matches.
  if (exitCode === 1 && stdout === '') return []
  if (exitCode !== 0) throw invalid(`git says: ${stderr.trim().split('\n')[0] ?? ''}`)
  return sectionsOf(stdout).map(checkedSection)
}

function sectionsOf(output: string): readonly Partial<Submodule>[] {
  const sections = new Map<string, {name: string; path?: string; url?: string}>()
  for (const entry of output.split('\0').filter(text => text !== '')) {
    const cut = entry.indexOf('\n')
    const {name, field} = KEY.exec(cut === -1 ? entry : entry.slice(0, cut))?.groups ?? {}
    if (name === undefined || cut === -1) continue
    const section = sections.get(name) ?? {name}
    sections.set(name, {...section, [field === 'url' ? 'url' : 'path']: entry.slice(cut + 1)})
  }
  return [...sections.values()]
}

function checkedSection({name = '', path, url}: Partial<Submodule>): Submodule {
  const shown = JSON.stringify(name)
  if (path === undefined || path === '') throw invalid(`The submodule ${shown} has no path.`)
  if (url === undefined || url === '') throw invalid(`The submodule ${shown} has no URL.`)
  if (holdsLogin(url)) {
    throw new Problem('submodule-url-refused', {
      what: `The URL of the submodule ${shown} has a login in it.`,
      why: 'It stands in the history of the repository for everyone to read, and would be sent to wherever the URL points.',
      fix: `Revoke that login, write \`${withoutUserinfo(url)}\` into ${FILE}, and give a token in \`git-credentials\`.`
    })
  }
  return {name, path, url}
}

/** Where the parts of a URL cannot be told for certain, everything before its last `@` counts as a login. */
function holdsLogin(url: string): boolean {
  if (tokenShapeIn(url) !== undefined) return true
  const isWeb = url.includes('://') && URL.canParse(url)
  const user = isWeb ? userOf(new URL(url)) : (/^(.*)@/s.exec(url)?.[1] ?? '').replace(/^[^/]*:\/\//, '')
  // A user name of such length is a token, whatever service it is of.
  return user.includes(':') || /^[a-z0-9_]{30,}$/i.test(user)
}

function userOf({username, password}: URL): string {
  return password === '' ? username : `${username}:${password}`
}

function invalid(fault: string): Problem {
  return new Problem('submodule-config-invalid', {
    what: `${FILE} cannot be used. ${fault}`,
    why: 'Which repositories belong to this one cannot be told.',
    fix: `Mend ${FILE} (\`git config --file ${FILE} --list\` shows what git reads), or set \`submodules: false\`.`
  })
}
