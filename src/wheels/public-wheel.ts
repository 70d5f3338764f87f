import type {LockedFile} from '../model/lock.ts'

/** Where anyone may fetch wheels. A mirror of one of them counts as private: nobody here knows what else it holds. */
const PUBLIC_HOSTS: ReadonlySet<string> = new Set([
  'files.pythonhosted.org',
  'download.pytorch.org',
  'download-r2.pytorch.org',
  'pypi.nvidia.com'
])

/** Whether a wheel may lie where other repositories read: it comes from a public index, by an address without a login. */
export function isPublicWheel({url}: Pick<LockedFile, 'url'>): boolean {
  const {protocol, host, username, password, search} = new URL(url)
  return protocol === 'https:' && PUBLIC_HOSTS.has(host) && username === '' && password === '' && search === ''
}
