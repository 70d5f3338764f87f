import {readFileSync} from 'node:fs'
import {openTarReader} from '../../src/wheels/tar-read.ts'

/** The files of a tar on this machine, by path. */
export function filesIn(archive: string): Readonly<Record<string, string>> {
  const tar = readFileSync(archive)
  const files = openTarReader(() => true, {limitBytes: tar.length}).take(tar)
  return Object.fromEntries(files.map(({path, content}) => [path, Buffer.from(content).toString('utf8')]))
}
