/** What the application of the demo consists of: code, requirements, and a private repository as a submodule. */
export const APP_FILES = {
  'README.md': '# Vision app\n',
  'requirements.txt': 'tqdm==4.67.1\n',
  'app.py': [
    '"""Prints what it runs on; uses the private kernels where they came along."""',
    'GREETING = "version 1"',
    'try:',
    '    from kernels.fused import NAME',
    'except ImportError:',
    '    NAME = "no private kernels"',
    'print(GREETING, "with", NAME)',
    ''
  ].join('\n')
} as const

/** The private repository. */
export const KERNEL_FILES = {
  '__init__.py': '',
  'fused.py': 'NAME = "the private kernels"\n'
} as const

/** The one line that changes. */
export const CHANGE = {from: 'version 1', to: 'version 2'} as const

/** In place of torch with `--small`: real wheels of some kilobytes, so that the same layers are made in seconds. */
export const SMALL_PACKAGES = 'six==1.17.0'

/** What is run in the pushed image to show that it is the real thing. */
export const PROOF = {
  torch: 'import torch; print("torch", torch.__version__, "CUDA", torch.version.cuda)',
  small: 'import six; print("six", six.__version__)'
} as const
