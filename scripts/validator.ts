import {spawnSync} from 'node:child_process'
import {existsSync, mkdirSync} from 'node:fs'
import {join, resolve} from 'node:path'
import {fileURLToPath} from 'node:url'

// `npm run validator`: the validator's tests with a real torch, which is fetched from PyPI into `.world/` (7 GB on x86-64).
// `npm run validator -- <python>` uses one that is there.

const TORCH = ['torch==2.8.0', 'torchvision==0.23.0', 'numpy']
const root = resolve(fileURLToPath(new URL('..', import.meta.url)))
const venv = join(root, '.world', 'torch')

function run(file: string, args: readonly string[]): boolean {
  const env = {...process.env, PYTHONDONTWRITEBYTECODE: '1'}
  return spawnSync(file, args, {cwd: root, stdio: 'inherit', env}).status === 0
}

/** A Python that has torch; undefined where it could not be had. */
function pythonWithTorch(): string | undefined {
  const python = join(venv, 'bin', 'python3')
  if (existsSync(python) && run(python, ['-c', 'import torch'])) return python
  mkdirSync(join(root, '.world'), {recursive: true})
  const isMade =
    run('python3', ['-m', 'venv', '--clear', venv]) &&
    run(python, ['-m', 'pip', 'install', '--quiet', '--no-cache-dir', ...TORCH])
  return isMade ? python : undefined
}

const [given] = process.argv.slice(2)
const python = given ?? pythonWithTorch()
const isGreen =
  python !== undefined &&
  run(python, ['-m', 'unittest', 'discover', '-s', join(root, '__tests__/validator'), '-p', 'test_real_torch.py', '-v'])
process.exitCode = isGreen ? 0 : 1
