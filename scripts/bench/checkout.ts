import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {run} from '../world/command.ts'

/** Writes files into a working tree and commits them; the tree is made where there is none. */
export async function commit(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  mkdirSync(folder, {recursive: true})
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
  const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@acme.dev', '-c', 'init.defaultBranch=main']
  const git = (...words: string[]) => run(['git', '-C', folder, ...identity, ...words])
  await git('init', '--quiet')
  await git('add', '--all')
  await git('commit', '--quiet', '--allow-empty', '--message', 'Change')
}
