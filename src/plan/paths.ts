import type {Facts} from '../model/facts.ts'

/** Where the build step keeps its files. */
export function buildDirectory({paths}: Facts): string {
  return `${paths.run}/build`
}

/** Where buildx writes what it made. */
export function metadataFile({paths}: Facts): string {
  return `${paths.run}/metadata.json`
}

/** A path as it is when it is absolute, else below a directory. */
export function within(path: string, directory: string): string {
  if (path.startsWith('/')) return path
  const plain = path.replace(/^(?:\.\/+)+/, '').replace(/\/+$/, '')
  return plain === '' || plain === '.' ? directory : `${directory}/${plain}`
}
