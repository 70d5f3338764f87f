import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync
} from 'node:fs'
import {freemem} from 'node:os'
import {join} from 'node:path'
import {attempt, run} from './command.ts'
import {readArchives} from './debian.ts'
import {atEnd} from './ending.ts'
import {withLock} from './lock.ts'
import {bytesText, type Say, timed} from './say.ts'
import {ensureTools, worldPath} from './tools.ts'

/** Which distribution's files an image is made of. */
export interface Recipe {
  /** `bookworm`, `noble`. */
  readonly suite: string
  /** The Python that it has, as `3.11`. */
  readonly python: string
  /** Another one than this machine's: its packages are unpacked and not set up, since nothing of them can be run here. */
  readonly architecture?: 'amd64' | 'arm64'
}

const INCLUDED = ['ca-certificates', 'python3', 'python3-venv', 'git', 'openssh-client']
const MEMORY_FOR_ROOT_BYTES = 4e9

/** Makes a root file system with Python from packages, once, and returns the compressed tar that holds it. */
export async function rootfsTar(folder: string, recipe: Recipe, say: Say): Promise<string> {
  const name = nameOf(recipe)
  const tar = join(folder, 'images', `${name}.tar.gz`)
  if (existsSync(tar)) return tar
  if (process.getuid?.() !== 0) {
    throw new Error(
      `No public registry is reachable, and only root can make a base image. Pull the image once, or run this as root.`
    )
  }
  mkdirSync(join(folder, 'images'), {recursive: true})
  await withLock(join(folder, 'locks'), name, async () => {
    if (existsSync(tar)) return
    await timed(
      say,
      `Make a root file system of ${name} with ${INCLUDED.join(', ')}`,
      () => bootstrap(folder, recipe, tar, say),
      () => bytesText(statSync(tar).size)
    )
  })
  return tar
}

function nameOf({suite, architecture}: Recipe): string {
  return architecture === undefined ? suite : `${suite}-${architecture}`
}

async function bootstrap(folder: string, recipe: Recipe, tar: string, say: Say): Promise<void> {
  const {suite, architecture} = recipe
  const debootstrap = await ensureTools(folder, ['debootstrap', 'wget'], say)
  const {own} = await readArchives()
  const root = join(folder, 'images', `${nameOf(recipe)}.root`)
  await removeRoot(root)
  const tidy = atEnd(() => removeRoot(root))
  mkdirSync(root, {recursive: true})
  // dpkg waits for the disk after each file: in memory the whole takes half the time.
  if (freemem() > MEMORY_FOR_ROOT_BYTES) await run(['mount', '-t', 'tmpfs', '-o', 'size=2g,mode=755', 'tmpfs', root])
  const env = {...process.env, PATH: worldPath(folder), ...(await proxyOfApt())}
  const foreign = architecture === undefined ? [] : ['--foreign', `--arch=${architecture}`]
  const options = ['--variant=minbase', `--include=${INCLUDED.join(',')}`, ...foreign, suite, root, own.mirror]
  try {
    await run([debootstrap, ...options], {env})
    if (architecture !== undefined) await unpackPackages(root)
    for (const part of ['var/cache/apt', 'var/lib/apt/lists', 'var/log', 'tmp']) emptyFolder(join(root, part))
    // Docker keeps a layer that comes compressed as it is, and is slower at compressing it.
    await run(['tar', '--sort=name', '--numeric-owner', '-I', 'gzip -1', '-C', root, '-cf', `${tar}.new`, '.'])
  } finally {
    await tidy()
  }
  renameSync(`${tar}.new`, tar)
}

/** Does for packages that cannot be set up what an image to build upon must have of it: their files, and who there is. */
async function unpackPackages(root: string): Promise<void> {
  const archives = join(root, 'var/cache/apt/archives')
  // For its second stage, which is not run, debootstrap lets this lead to the machine's own.
  rmSync(join(root, 'proc'), {recursive: true, force: true})
  mkdirSync(join(root, 'proc'))
  for (const name of readdirSync(archives).filter(one => one.endsWith('.deb'))) {
    const files = join(archives, 'files.tar')
    await run(['sh', '-c', 'dpkg-deb --fsys-tarfile "$1" > "$2"', 'sh', join(archives, name), files])
    await run(['tar', '--keep-directory-symlink', '--numeric-owner', '-C', root, '-xf', files])
  }
  for (const name of ['passwd', 'group']) {
    copyFileSync(join(root, `usr/share/base-passwd/${name}.master`), join(root, 'etc', name))
  }
  for (const part of ['debootstrap', 'var/cache/apt/archives']) emptyFolder(join(root, part))
  rmdirSync(join(root, 'debootstrap'))
}

// debootstrap may be broken off while it has /proc mounted inside.
async function removeRoot(root: string): Promise<void> {
  for (const point of [join(root, 'proc'), join(root, 'sys'), root]) {
    // A link would lead umount to the machine's own.
    const found = lstatSync(point, {throwIfNoEntry: false})
    if (found?.isDirectory() === true) await attempt(['umount', '--lazy', point])
  }
  rmSync(root, {recursive: true, force: true})
}

// apt may know a proxy that the environment does not name; debootstrap fetches by wget, which asks the environment.
async function proxyOfApt(): Promise<Record<string, string>> {
  const {stdout} = await attempt(['apt-config', 'shell', 'PROXY', 'Acquire::http::Proxy'])
  const proxy = /^PROXY='(.+)'$/m.exec(stdout)?.[1]
  return proxy === undefined || proxy === 'DIRECT' ? {} : {http_proxy: proxy, https_proxy: proxy}
}

function emptyFolder(folder: string): void {
  rmSync(folder, {recursive: true, force: true})
  mkdirSync(folder)
  // Said apart from the making, which the umask would narrow: everyone writes to /tmp, also the user that apt fetches as.
  chmodSync(folder, folder.endsWith('/tmp') ? 0o1777 : 0o755)
}
