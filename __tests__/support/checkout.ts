import {execFileSync} from 'node:child_process'
import {mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'

/** A folder of its own for a test, with a blank in its name; `remove` takes it away. */
export interface Playground {
  readonly folder: string
  /** Writes text files by path. */
  write(files: Readonly<Record<string, string>>): void
  /** A git repository in a folder of this name with everything in it committed; returns its path. */
  repository(name: string, files: Readonly<Record<string, string>>, origin?: string): string
  remove(): void
}

/** Makes a playground. */
export function makePlayground(): Playground {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'play ground ')))
  const write = (files: Readonly<Record<string, string>>) => {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), {recursive: true})
      writeFileSync(join(folder, path), text)
    }
  }
  return {
    folder,
    write,
    repository: (name, files, origin) => {
      const directory = join(folder, name)
      mkdirSync(directory, {recursive: true})
      git(directory, 'init', '--quiet')
      write(Object.fromEntries(Object.entries(files).map(([path, text]) => [join(name, path), text])))
      git(directory, 'add', '.')
      git(directory, 'commit', '--quiet', '--allow-empty', '--message', name)
      if (origin !== undefined) git(directory, 'remote', 'add', 'origin', origin)
      return directory
    },
    remove: () => rmSync(folder, {recursive: true, force: true})
  }
}

/** Runs git as somebody, and returns what it prints. */
export function git(directory: string, ...args: string[]): string {
  const settings = [
    'user.name=Ada',
    'user.email=ada@acme.dev',
    'init.defaultBranch=main',
    'protocol.file.allow=always',
    'tag.gpgSign=false'
  ].flatMap(setting => ['-c', setting])
  const env = {PATH: process.env.PATH, HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1'}
  return execFileSync('git', ['-C', directory, ...settings, ...args], {encoding: 'utf8', env}).trim()
}
